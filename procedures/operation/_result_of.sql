CREATE OR REPLACE FUNCTION etl._result_of(p_execution_id uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_result_of$
-- What a job has written down as its result. SECURITY DEFINER: operators have no rights on the
-- tables.
SELECT h.result FROM public.etl_execution_history h WHERE h.execution_id = p_execution_id
$_result_of$;
COMMENT ON FUNCTION etl._result_of IS
    'Internal: result of an operation, for the procedure that ran it.';
