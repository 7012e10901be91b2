CREATE OR REPLACE FUNCTION etl._correct_rows(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    p_rows    tid[]
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_correct_rows$
-- Corrects the rows of a batch that need it, with their before-images.
-- Returns how many.
-- The first attempt waits for a row that another session holds for a moment only; from then on, and
-- in the sweep, such rows are passed over and left to the next round: this session never waits for
-- a row while it holds others, so it is never the cause of a deadlock.
DECLARE
    v_correction_id constant uuid := etl._correction_id(p_history);
    v_skips_locked  constant boolean := p_history.phase = 'sweeping' OR p_worker.skip_locked > 0;
    v_row_wait  constant interval := interval '100 ms';  -- well below deadlock_timeout
    v_limit         bigint;
    v_changed       bigint;
    v_nulls         bigint := 0::bigint;
    v_is_direct     boolean;
    v_is_null_only  boolean;
    -- A list of rows was made without failed records.
    v_has_failures  constant boolean := p_history.operation <> 'retry' AND p_rows IS NULL
                                        AND etl._has_failures(v_correction_id);
    v_from          constant tid := format('(%s,0)', p_batch.first_item)::tid;
    v_before        constant tid := format('(%s,0)', p_batch.end_item)::tid;
    v_settled_age   constant integer := etl._settled_age(p_history);
    v_duty_check          constant text := etl._duty_cycle_expression(p_control, p_worker);
    v_backup        regclass;
    r_target        etl.correction_target;
BEGIN
    SELECT t.* INTO r_target FROM etl.correction_target t WHERE t.target = p_history.target;
    IF NOT etl._is_part_of(p_batch.relation, r_target) THEN
        RETURN 0::bigint;
    END IF;
    v_backup := etl._require_backup(v_correction_id);
    IF v_backup IS NULL AND (p_history.parameters ->> 'create_backup')::boolean
       AND NOT p_history.dry_run THEN
        RAISE EXCEPTION 'correction % has no backup table any more', v_correction_id
            USING ERRCODE = 'ME007',
                  DETAIL = 'It was purged; no row is changed without its before-image.',
                  HINT = 'Start a new correction: CALL etl.correct_asset_classes();';
    END IF;
    v_limit := etl._records_left(p_history);
    IF v_limit = 0 THEN
        RETURN 0::bigint;
    END IF;

    IF v_has_failures THEN
        PERFORM set_config('timezone', 'UTC', true);  -- as their keys were written
    END IF;
    PERFORM etl._trust_triggers(r_target.fact_table);
    IF NOT v_skips_locked THEN
        PERFORM etl._set_lock_timeout(least(v_row_wait, p_control.lock_timeout));
    END IF;
    IF p_rows IS NOT NULL THEN
        EXECUTE etl._correction_statement(r_target, p_history.parameters, p_batch.relation,
                                          v_backup, 'rows',
                                          v_skips_locked, v_has_failures, v_duty_check)
        USING v_correction_id, p_rows, NULL::tid, p_worker.batch_number, v_limit;
        GET DIAGNOSTICS v_changed = ROW_COUNT;
        RETURN v_changed;
    END IF;

    -- Rows that must be locked, counted or passed over one by one need a search of their own.
    v_is_direct := NOT v_skips_locked AND v_limit IS NULL AND NOT v_has_failures
                   AND NOT p_history.dry_run;
    -- Empty values that the measurement has not met are the sweep's.
    v_is_null_only := v_is_direct
                      AND (p_history.parameters ->> 'only_process_null_asset_class')::boolean
                      AND p_history.result ->> 'empty_counted' = '0';
    IF v_is_null_only THEN
        v_changed := 0::bigint;
    ELSE
        EXECUTE etl._correction_statement(r_target, p_history.parameters, p_batch.relation,
                                          v_backup,
                                          CASE WHEN v_is_direct THEN 'valued blocks'
                                               ELSE 'blocks' END,
                                          v_skips_locked, v_has_failures, v_duty_check)
        USING v_correction_id, v_from, v_before, p_worker.batch_number, v_limit, v_settled_age;
        GET DIAGNOSTICS v_changed = ROW_COUNT;
    END IF;
    IF v_is_direct THEN
        EXECUTE etl._null_statement(r_target, p_history.parameters, p_batch.relation, v_backup,
                                    v_duty_check)
        USING v_correction_id, v_from, v_before, p_worker.batch_number, NULL::bigint, v_settled_age;
        GET DIAGNOSTICS v_nulls = ROW_COUNT;
    END IF;
    RETURN v_changed + v_nulls;
END
$_correct_rows$;
COMMENT ON FUNCTION etl._correct_rows IS
    'Internal: corrects the rows of a batch.';
