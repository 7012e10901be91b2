CREATE OR REPLACE FUNCTION etl._require_correction(p_correction_id uuid)
RETURNS public.etl_execution_history
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_require_correction$
-- The history row of a correction.
-- Raises ME002: there is none of that id.
DECLARE
    r_history public.etl_execution_history;
BEGIN
    SELECT h.* INTO r_history
      FROM public.etl_execution_history h
     WHERE h.execution_id = p_correction_id;
    IF r_history.operation IS DISTINCT FROM 'correction' THEN
        RAISE EXCEPTION 'there is no correction %', coalesce(p_correction_id::text, 'NULL')
            USING ERRCODE = 'ME002',
                  DETAIL = CASE WHEN r_history.operation IS NULL THEN 'No operation has that id.'
                               ELSE format('That id is a %s.', r_history.operation) END,
                  HINT = 'List the corrections: '
                         'SELECT * FROM etl.execution_history(operation => ''correction'');';
    END IF;
    RETURN r_history;
END
$_require_correction$;
COMMENT ON FUNCTION etl._require_correction IS
    'Internal: history row of a correction; raises ME002 where there is none.';
