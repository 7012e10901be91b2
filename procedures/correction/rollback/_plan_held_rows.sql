CREATE OR REPLACE FUNCTION etl._plan_held_rows(
    p_history public.etl_execution_history,
    p_control etl.operation_control
) RETURNS interval
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_plan_held_rows$
-- Plans another round over the rows that other sessions held, at most max_retries times, or
-- finishes the rollback.
-- Returns how long to wait before this is called again; NULL: planned, or all is done.
DECLARE
    v_round  integer := coalesce((p_history.result ->> 'sweep_rounds')::integer, 0);
    v_pass   smallint := (p_control.pass + 1)::smallint;
    v_held   tid[];
    v_chunk  constant integer := 5000;
BEGIN
    SELECT array_agg(x.backup_location ORDER BY x.backup_location) INTO v_held
      FROM etl.rollback_exception x
     WHERE x.rollback_id = p_history.execution_id AND x.outcome = 'held';
    IF v_held IS NULL OR v_round >= p_control.max_retries THEN
        PERFORM etl._finish_rollback(p_history);
        RETURN NULL;
    ELSIF clock_timestamp() < p_control.phase_started_at + p_control.lock_timeout THEN
        RETURN least(interval '1 second',
                     p_control.phase_started_at + p_control.lock_timeout - clock_timestamp());
    END IF;
    INSERT INTO etl.operation_chunk (
        execution_id, pass, chunk_number, relation, first_item, next_item, end_item,
        rows_per_item, row_locations)
    SELECT p_history.execution_id, v_pass, g.n / v_chunk + 1,
           etl._require_backup(p_history.subject_execution_id),
           0, 0, cardinality(h.rows), 1, h.rows
      FROM generate_series(0, cardinality(v_held) - 1, v_chunk) AS g (n)
     CROSS JOIN LATERAL (SELECT v_held[g.n + 1 : g.n + v_chunk]) AS h (rows);
    PERFORM etl._enter_phase(p_history.execution_id, 'sweeping', v_pass, 95, 99);
    UPDATE public.etl_execution_history h
       SET result = h.result || jsonb_build_object('sweep_rounds', v_round + 1)
     WHERE h.execution_id = p_history.execution_id;
    RETURN NULL;
END
$_plan_held_rows$;
COMMENT ON FUNCTION etl._plan_held_rows IS
    'Internal: plans another round over rows that were held, or finishes a rollback.';
