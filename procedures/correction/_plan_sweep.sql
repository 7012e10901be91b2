CREATE OR REPLACE FUNCTION etl._plan_sweep(
    p_history public.etl_execution_history,
    p_control etl.operation_control
) RETURNS interval
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_plan_sweep$
-- Looks after a pass what is left: rows written behind the cursor, and rows that other sessions
-- held. Plans another round, at most max_retries more, or finishes the operation. A sweep of blocks
-- measures them, which proves what is left and gives the quality after; it goes over the whole
-- table again while writers keep it busy, and only over the chunks concerned where rows are merely
-- held. Held rows may come back elsewhere: once none is left in these chunks, a last round goes
-- over the whole table. Where an index has become the better way to what is left, it is used from
-- then on, see etl._reconsider_strategy(): rows are looked up until none is found. Empty values
-- that no index finds are searched for again only after a search that found some: one that found
-- none has proved it.
-- Returns how long to wait before this is called again; NULL: the round is planned, or all is done.
DECLARE
    v_round      integer := coalesce((p_history.result ->> 'sweep_rounds')::integer, 0);
    v_by_index   boolean := p_history.result ->> 'strategy' = 'index';
    v_has_searched boolean := p_history.phase = 'searching';
    v_pass       smallint := (p_control.pass + 1)::smallint;
    v_was_partly boolean := coalesce((p_history.result ->> 'sweep_is_partial')::boolean, false);
    v_is_held    boolean;
    v_changed    bigint;
    v_remaining  bigint;
    r_target     etl.correction_target := etl._require_target(p_history.target);
BEGIN
    SELECT coalesce(sum(b.changed), 0)::bigint INTO v_changed
      FROM etl.operation_batch b
     WHERE b.execution_id = p_history.execution_id
       AND b.pass = p_control.pass - v_has_searched::integer;
    v_is_held := v_round > 0 AND v_changed = 0;
    IF p_history.dry_run OR p_history.operation = 'retry'
       OR v_by_index AND etl._records_left(p_history) = 0 THEN
        PERFORM etl._finish_correction(p_history, 0);
        RETURN NULL;
    ELSIF v_by_index AND NOT v_has_searched
          AND (p_history.result ->> 'empty_found')::bigint > 0 THEN
        IF v_is_held
           AND clock_timestamp() < p_control.phase_started_at + p_control.lock_timeout THEN
            -- By index they are looked up each time.
            RETURN least(CASE WHEN v_by_index THEN interval '5 seconds'
                              ELSE interval '1 second' END,
                         p_control.phase_started_at + p_control.lock_timeout - clock_timestamp());
        END IF;
        PERFORM etl._plan_blocks(p_history.execution_id, v_pass, r_target.fact_table, false);
        PERFORM etl._enter_phase(p_history.execution_id, 'searching', v_pass, 90, 90);
        RETURN NULL;
    ELSIF v_by_index THEN
        v_remaining := etl._collect_rows(p_history, r_target, v_pass);
    ELSIF v_round > 0 THEN
        v_remaining := etl._remaining(p_history, r_target, p_control.pass);
        IF v_changed > 0 AND NOT v_was_partly AND v_round <= p_control.max_retries THEN
            p_history := etl._reconsider_strategy(p_history, p_control, r_target);
            v_by_index := p_history.result ->> 'strategy' = 'index';
            IF v_by_index THEN
                v_remaining := etl._collect_rows(p_history, r_target, v_pass);
            END IF;
        END IF;
    END IF;

    IF v_remaining = 0 AND (v_by_index OR v_changed = 0 AND NOT v_was_partly)
       OR v_round > p_control.max_retries AND NOT (v_remaining = 0 AND v_was_partly)
       OR v_round > 0 AND etl._records_left(p_history) = 0 THEN
        PERFORM etl._finish_correction(p_history, v_remaining);
        RETURN NULL;
    END IF;
    v_is_held := v_is_held AND v_remaining > 0;
    IF v_is_held AND NOT v_has_searched
       AND clock_timestamp() < p_control.phase_started_at + p_control.lock_timeout THEN
        DELETE FROM etl.operation_chunk
         WHERE execution_id = p_history.execution_id AND pass = v_pass;
        -- By index they are looked up each time.
        RETURN least(CASE WHEN v_by_index THEN interval '5 seconds' ELSE interval '1 second' END,
                     p_control.phase_started_at + p_control.lock_timeout - clock_timestamp());
    END IF;

    IF NOT v_by_index AND v_is_held THEN
        v_pass := p_control.pass;
        UPDATE etl.operation_chunk k
           SET next_item = k.first_item, counts = NULL
         WHERE k.execution_id = p_history.execution_id AND k.pass = v_pass
           AND etl._count_of(k.counts, 'remaining') > 0;
    ELSIF NOT v_by_index THEN
        PERFORM etl._plan_blocks(p_history.execution_id, v_pass, r_target.fact_table, false);
    END IF;
    PERFORM etl._enter_phase(p_history.execution_id, 'sweeping', v_pass, 90, 99);
    UPDATE public.etl_execution_history h
       SET result = h.result || jsonb_build_object(
               'sweep_rounds', v_round + 1, 'sweep_is_partial', NOT v_by_index AND v_is_held,
               'vacuums', coalesce(h.result -> 'vacuums', etl._vacuums(r_target.fact_table)))
     WHERE h.execution_id = p_history.execution_id;
    RETURN NULL;
END
$_plan_sweep$;
COMMENT ON FUNCTION etl._plan_sweep IS
    'Internal: plans another round over what a pass left, or finishes a correction.';
