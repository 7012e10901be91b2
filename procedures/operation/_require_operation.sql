CREATE OR REPLACE FUNCTION etl._require_operation(p_execution_id uuid)
RETURNS public.etl_execution_history
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_require_operation$
-- The history row of an operation.
-- Raises ME002: there is none of that id.
DECLARE
    r_history public.etl_execution_history;
BEGIN
    SELECT h.* INTO r_history
      FROM public.etl_execution_history h
     WHERE h.execution_id = p_execution_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no operation %', coalesce(p_execution_id::text, 'NULL')
            USING ERRCODE = 'ME002',
                  DETAIL = 'public.etl_execution_history has no such execution_id.',
                  HINT = 'List the operations: SELECT * FROM etl.execution_history();';
    END IF;
    RETURN r_history;
END
$_require_operation$;
COMMENT ON FUNCTION etl._require_operation IS
    'Internal: history row of an operation; raises ME002 where there is none.';
