CREATE OR REPLACE FUNCTION etl._finish_operation(
    p_execution_id uuid,
    p_status       text
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_finish_operation$
-- Ends an operation for good, durably. p_status: completed or completed_with_errors; the job has
-- written its figures. Rows that it had in view and neither changed, skipped nor failed are not
-- counted.
-- Tables: writes etl.operation_control, etl_execution_history.
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    PERFORM etl._enter_phase(p_execution_id, 'finished', 0::smallint, 100, 100);
    UPDATE public.etl_execution_history h
       SET status = p_status,
           records_processed = h.records_changed + h.records_skipped + h.records_failed,
           progress_percent = 100,
           heartbeat_at = clock_timestamp(),
           finished_at = clock_timestamp()
     WHERE h.execution_id = p_execution_id;
END
$_finish_operation$;
COMMENT ON FUNCTION etl._finish_operation IS
    'Internal: ends an operation that has done its work.';
