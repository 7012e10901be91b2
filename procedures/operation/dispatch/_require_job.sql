CREATE OR REPLACE FUNCTION etl._require_job(p_operation text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_require_job$
-- Raises ME010 for a kind of job that is not in etl._jobs(): one of another version of the library.
BEGIN
    IF etl._works_on(p_operation) IS NULL THEN
        RAISE EXCEPTION 'unknown kind of job: %', coalesce(p_operation, 'NULL')
            USING ERRCODE = 'ME010',
                  DETAIL = (SELECT format('This version knows %s.',
                                          string_agg(j.operation, ', ')) FROM etl._jobs() j),
                  HINT = 'An operation of another version is carried on by that version.';
    END IF;
END
$_require_job$;
COMMENT ON FUNCTION etl._require_job IS
    'Internal: raises ME010 for an unknown kind of job.';
