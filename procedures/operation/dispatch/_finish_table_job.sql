CREATE OR REPLACE FUNCTION etl._finish_table_job(p_history public.etl_execution_history) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_finish_table_job$
-- Ends a job on the platform's small tables. Planned rows that were there already, or had changed
-- meanwhile, count as skipped, on top of what the job has counted itself.
-- Tables: writes etl_execution_history; empties etl.row_plan of the operation.
DECLARE
    v_skipped bigint := greatest(p_history.records_total - p_history.records_changed - p_history.records_failed, 0);
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    IF p_history.operation = 'undo' THEN
        PERFORM etl._finish_undo(p_history);
    ELSIF p_history.operation = 'bootstrap' THEN
        PERFORM etl._finish_bootstrap(p_history);
    ELSIF p_history.operation IN ('sync', 'cleanup') THEN
        PERFORM etl._finish_symbol_job(p_history);
    END IF;
    DELETE FROM etl.row_plan s WHERE s.execution_id = p_history.execution_id;
    UPDATE public.etl_execution_history h
       SET status = CASE WHEN h.records_failed > 0 OR h.result -> 'outcomes' ? 'kept'
                         THEN 'completed_with_errors' ELSE 'completed' END,
           records_skipped = h.records_skipped + v_skipped,
           records_processed = h.records_changed + h.records_skipped + v_skipped + h.records_failed,
           progress_percent = 100,
           heartbeat_at = clock_timestamp(),
           finished_at = clock_timestamp(),
           -- What the kernel counts, where the job reports in its result; with the same names.
           result = h.result || CASE WHEN p_history.operation IN ('sync', 'cleanup')
                                     THEN jsonb_build_object('skipped', h.records_skipped + v_skipped, 'failed', h.records_failed)
                                     ELSE '{}' END
     WHERE h.execution_id = p_history.execution_id;
    PERFORM etl._enter_phase(p_history.execution_id, 'finished', 0::smallint, 100, 100);
END
$_finish_table_job$;
COMMENT ON FUNCTION etl._finish_table_job(public.etl_execution_history) IS
    'Internal: ends a job on the platform''s small tables.';
