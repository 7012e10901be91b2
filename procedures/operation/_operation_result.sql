CREATE OR REPLACE FUNCTION etl._operation_result(p_execution_id uuid)
RETURNS TABLE (
    status text, changed bigint, skipped bigint, failed bigint, batches bigint, backup_table text,
    quality_before numeric, quality_after numeric, duration interval
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_operation_result$
-- The result row of every committing CALL.
-- Raises the error that ended the operation, with the command that takes it up again, so that a
-- script or a deploy does not take half a job for a whole one. Where it was asked to stop, the last
-- worker to leave writes how it ended: the others wait for that.
-- SECURITY DEFINER: operators have no rights on the tables.
DECLARE
    r_history      public.etl_execution_history;
    v_is_abandoned boolean := false;
BEGIN
    LOOP
        SELECT h.* INTO r_history
          FROM public.etl_execution_history h
         WHERE h.execution_id = p_execution_id;
        EXIT WHEN r_history.status <> 'running' OR v_is_abandoned
               OR NOT EXISTS (SELECT FROM etl.operation_control c
                               WHERE c.execution_id = p_execution_id AND c.request <> 'run');
        -- The status is read again after the last worker was seen to be gone: it may have left, and
        -- written the status, since the reading above. One that died has written none.
        IF etl._live_workers(p_execution_id) = 0 THEN
            PERFORM FROM etl.operation_control c WHERE c.execution_id = p_execution_id FOR UPDATE;
            v_is_abandoned := etl._live_workers(p_execution_id) = 0;
            IF v_is_abandoned THEN
                PERFORM etl._settle_request(p_execution_id);
            END IF;
        ELSE
            PERFORM pg_sleep(0.05);
        END IF;
    END LOOP;

    IF r_history.status IN ('failed', 'cancelled', 'timed_out') THEN
        RAISE EXCEPTION '%', r_history.error_message
            USING ERRCODE = r_history.error_code,
                  DETAIL = concat_ws(' ', r_history.error_detail, format(
                      'The %s %s is %s at %s %%: %s rows changed, %s failed. '
                      'What was done is committed.',
                      r_history.operation, p_execution_id, r_history.status,
                      r_history.progress_percent,
                      r_history.records_changed, r_history.records_failed)),
                  HINT = concat_ws(' ', r_history.error_hint, CASE r_history.error_code
                      WHEN 'ME009' THEN format(
                          'See what is wrong: SELECT * FROM etl.failed_record '
                          'WHERE execution_id = %L; '
                          'then raise max_error_rate with etl.tune_operation(), '
                          'or CALL etl.resume_operation(%1$L).', p_execution_id)
                      ELSE format('Go on: CALL etl.resume_operation(%L).', p_execution_id) END);
    ELSIF r_history.status = 'paused' THEN
        RAISE NOTICE 'the % % is paused at % %%; go on with CALL etl.resume_operation(%)',
            r_history.operation, p_execution_id, r_history.progress_percent,
            quote_literal(p_execution_id);
    END IF;

    RETURN QUERY SELECT
        r_history.status, r_history.records_changed, r_history.records_skipped,
        r_history.records_failed, r_history.batches_processed, r_history.backup_table,
        r_history.quality_before, r_history.quality_after,
        date_trunc('milliseconds',
                   coalesce(r_history.finished_at, clock_timestamp()) - r_history.started_at);
END
$_operation_result$;
COMMENT ON FUNCTION etl._operation_result IS
    'Internal: result row of an operation; raises the error that ended it.';
