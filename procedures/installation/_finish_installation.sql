CREATE OR REPLACE FUNCTION etl._finish_installation(p_version text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_finish_installation$
-- Ends an installation: drops routines of an older version, sets all rights, records the version.
-- Tables: writes etl.installed_routine, etl.installation. Idempotent.
DECLARE
    r_routine record;
BEGIN
    FOR r_routine IN
        SELECT r.routine_name, r.identity_arguments, p.oid::regprocedure AS signature
          FROM etl.installed_routine r
          LEFT JOIN pg_proc p
            ON p.pronamespace = 'etl'::regnamespace
           AND p.proname = r.routine_name
           AND pg_get_function_identity_arguments(p.oid) = r.identity_arguments
         WHERE r.installed_at <> transaction_timestamp()
    LOOP
        IF r_routine.signature IS NOT NULL THEN
            EXECUTE format('DROP ROUTINE %s', r_routine.signature);
        END IF;
        DELETE FROM etl.installed_routine
         WHERE routine_name = r_routine.routine_name
           AND identity_arguments = r_routine.identity_arguments;
    END LOOP;

    PERFORM etl._apply_grants();

    INSERT INTO etl.installation (library_version)
    SELECT p_version
     WHERE p_version IS DISTINCT FROM etl.version();
END
$_finish_installation$;
COMMENT ON FUNCTION etl._finish_installation IS
    'Internal: last step of every installation.';
