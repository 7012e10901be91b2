CREATE OR REPLACE FUNCTION etl._job_result(p_execution_id uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_job_result$
-- SECURITY DEFINER: operators need not be allowed to read the history.
SELECT h.result FROM public.etl_execution_history h WHERE h.execution_id = p_execution_id
$_job_result$;
COMMENT ON FUNCTION etl._job_result(uuid) IS
    'Internal: what a job reports besides the columns that all operations have.';
