CREATE OR REPLACE FUNCTION etl._has_failures(p_correction_id uuid) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_has_failures$
SELECT EXISTS (SELECT FROM etl.failed_record f
                WHERE f.execution_id = p_correction_id AND f.resolved_at IS NULL)
$_has_failures$;
COMMENT ON FUNCTION etl._has_failures IS
    'Internal: whether a correction has failed records.';
