CREATE OR REPLACE FUNCTION etl._finish_platform_job(
    p_history public.etl_execution_history,
    p_result  jsonb
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_finish_platform_job$
-- Ends a job on the platform's tables. Planned rows that were there already, or had changed
-- meanwhile, count as skipped, on top of what the job has counted itself. It becomes
-- completed_with_errors where rows failed, or were kept.
-- p_result: figures of the job.
-- Tables: writes etl_execution_history; empties etl.row_plan of the operation.
DECLARE
    v_skipped bigint := greatest(p_history.records_total - p_history.records_changed
                                 - p_history.records_failed, 0);
BEGIN
    DELETE FROM etl.row_plan s WHERE s.execution_id = p_history.execution_id;
    UPDATE public.etl_execution_history h
       SET records_skipped = h.records_skipped + v_skipped,
           result = h.result || p_result
     WHERE h.execution_id = p_history.execution_id
    RETURNING h.* INTO p_history;
    PERFORM etl._finish_operation(p_history.execution_id, CASE
        WHEN p_history.records_failed > 0 OR p_history.result -> 'outcomes' ? 'kept'
        THEN 'completed_with_errors' ELSE 'completed' END);
END
$_finish_platform_job$;
COMMENT ON FUNCTION etl._finish_platform_job IS
    'Internal: ends a job on the platform''s tables.';
