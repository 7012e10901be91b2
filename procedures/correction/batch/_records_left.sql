CREATE OR REPLACE FUNCTION etl._records_left(p_history public.etl_execution_history) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_records_left$
-- How many more rows max_records_to_process allows; NULL: there is no limit.
-- Locks: with a limit, the control row until the batch commits. So the workers of the operation
-- change rows one after another, and the limit is exact.
DECLARE
    v_limit constant bigint := (p_history.parameters ->> 'max_records_to_process')::bigint;
BEGIN
    IF v_limit IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM FROM etl.operation_control c WHERE c.execution_id = p_history.execution_id FOR UPDATE;
    RETURN (SELECT greatest(v_limit - h.records_changed, 0)
              FROM public.etl_execution_history h
             WHERE h.execution_id = p_history.execution_id);
END
$_records_left$;
COMMENT ON FUNCTION etl._records_left IS
    'Internal: rows that max_records_to_process still allows.';
