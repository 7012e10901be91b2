CREATE OR REPLACE FUNCTION etl._works_on(p_operation text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_works_on$
-- What a kind of job works on: target, platform or backups; see etl._jobs(). NULL: an unknown kind.
SELECT j.works_on FROM etl._jobs() j WHERE j.operation = p_operation
$_works_on$;
COMMENT ON FUNCTION etl._works_on IS
    'Internal: what a kind of job works on.';
