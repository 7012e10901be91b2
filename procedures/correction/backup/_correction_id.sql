CREATE OR REPLACE FUNCTION etl._correction_id(p_history public.etl_execution_history) RETURNS uuid
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_correction_id$
-- The correction whose mapping, backup and failed records an operation works with: itself, or the
-- one that it is about.
SELECT coalesce(p_history.subject_execution_id, p_history.execution_id)
$_correction_id$;
COMMENT ON FUNCTION etl._correction_id IS
    'Internal: the correction that an operation is about.';
