CREATE OR REPLACE FUNCTION etl._has_target(p_operation text) RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_has_target$
-- Whether a kind of job works on a target of etl.correction_target, and with its backup.
SELECT p_operation IN ('correction', 'retry', 'rollback')
$_has_target$;
COMMENT ON FUNCTION etl._has_target(text) IS
    'Internal: whether a kind of job works on a correction target.';
