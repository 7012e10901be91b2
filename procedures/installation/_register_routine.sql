CREATE OR REPLACE FUNCTION etl._register_routine(
    p_path    text,
    p_name    text,
    p_sha256  text,
    p_role    text,
    p_version text
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_register_routine$
-- Records the routine that the file just run has created, in the transaction that created it.
-- A signature of an older version is left to _finish_installation: its catalog row is older.
-- Tables: writes etl.installed_routine. Idempotent.
DECLARE
    v_count integer;
BEGIN
    INSERT INTO etl.installed_routine AS r (
        routine_name, identity_arguments, source_path, source_sha256, body_sha256,
        granted_role, library_version, installed_at)
    SELECT p.proname, pg_get_function_identity_arguments(p.oid), p_path, p_sha256,
           etl._routine_sha256(p.oid), p_role, p_version, transaction_timestamp()
      FROM pg_proc p
     WHERE p.pronamespace = 'etl'::regnamespace
       AND p.proname = p_name
       AND p.xmin = pg_current_xact_id()::xid
    ON CONFLICT (routine_name, identity_arguments) DO UPDATE
        SET source_path = excluded.source_path,
            source_sha256 = excluded.source_sha256,
            body_sha256 = excluded.body_sha256,
            granted_role = excluded.granted_role,
            library_version = excluded.library_version,
            installed_at = excluded.installed_at;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count = 0 THEN
        RAISE EXCEPTION 'file % did not create a routine etl.%', p_path, p_name
            USING ERRCODE = 'ME010',
                  DETAIL = 'The routine must bear the name of its file, and be registered '
                           'in the transaction that creates it.',
                  HINT = 'Install with "mytrader-etl migrate up" '
                         'or with the script of "mytrader-etl sql install".';
    END IF;
END
$_register_routine$;
COMMENT ON FUNCTION etl._register_routine IS
    'Internal: records an installed routine and its hashes.';
