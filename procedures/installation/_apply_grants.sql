CREATE OR REPLACE FUNCTION etl._apply_grants() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_apply_grants$
-- Revokes everything from PUBLIC and grants each routine to its group role and no other of them,
-- each table to the readers. Roles that do not exist are passed over: a later installation grants
-- them. Idempotent.
DECLARE
    r_routine record;
    r_table   record;
BEGIN
    -- Here, not in the migration: the roles may have been created by a DBA since.
    BEGIN
        IF to_regrole('etl_reader') IS NOT NULL AND to_regrole('etl_operator') IS NOT NULL
           AND NOT pg_has_role('etl_operator', 'etl_reader', 'MEMBER') THEN
            GRANT etl_reader TO etl_operator;
        END IF;
        IF to_regrole('etl_operator') IS NOT NULL AND to_regrole('etl_admin') IS NOT NULL
           AND NOT pg_has_role('etl_admin', 'etl_operator', 'MEMBER') THEN
            GRANT etl_operator TO etl_admin;
        END IF;
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE WARNING 'the memberships of the group roles were not granted: %', SQLERRM
            USING HINT = 'As a role that may: '
                         'GRANT etl_reader TO etl_operator; GRANT etl_operator TO etl_admin;';
    END;
    FOR r_routine IN
        SELECT p.oid::regprocedure AS signature, r.granted_role
          FROM etl.installed_routine r
          JOIN pg_proc p
            ON p.pronamespace = 'etl'::regnamespace
           AND p.proname = r.routine_name
           AND pg_get_function_identity_arguments(p.oid) = r.identity_arguments
    LOOP
        EXECUTE format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', r_routine.signature);
        IF r_routine.granted_role <> 'internal'
           AND to_regrole(r_routine.granted_role) IS NOT NULL THEN
            EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO %I',
                           r_routine.signature, r_routine.granted_role);
        END IF;
    END LOOP;

    FOR r_routine IN
        SELECT p.oid::regprocedure AS signature, a.grantee::regrole AS former_role
          FROM etl.installed_routine r
          JOIN pg_proc p
            ON p.pronamespace = 'etl'::regnamespace
           AND p.proname = r.routine_name
           AND pg_get_function_identity_arguments(p.oid) = r.identity_arguments
         CROSS JOIN aclexplode(p.proacl) a
         WHERE a.grantee IN (to_regrole('etl_reader'), to_regrole('etl_operator'),
                             to_regrole('etl_admin'))
           AND a.grantee IS DISTINCT FROM to_regrole(r.granted_role)
    LOOP
        EXECUTE format('REVOKE ALL ON ROUTINE %s FROM %s',
                       r_routine.signature, r_routine.former_role);
    END LOOP;

    IF to_regrole('etl_reader') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA etl TO etl_reader;
    END IF;
    FOR r_table IN
        SELECT c.oid::regclass AS relation
          FROM pg_class c
         WHERE c.relkind IN ('r', 'p', 'v')
           AND (c.relnamespace = 'etl'::regnamespace
                OR c.oid = to_regclass('public.etl_execution_history'))
    LOOP
        EXECUTE format('REVOKE ALL ON TABLE %s FROM PUBLIC', r_table.relation);
        IF to_regrole('etl_reader') IS NOT NULL THEN
            EXECUTE format('GRANT SELECT ON TABLE %s TO etl_reader', r_table.relation);
        END IF;
    END LOOP;
    IF to_regrole('etl_admin') IS NOT NULL THEN
        GRANT UPDATE (comparison, limit_value) ON TABLE etl.threshold TO etl_admin;
        GRANT INSERT, UPDATE, DELETE ON TABLE
            etl.asset_class_rule, etl.currency_code, etl.venue, etl.venue_alias TO etl_admin;
    END IF;
END
$_apply_grants$;
COMMENT ON FUNCTION etl._apply_grants IS
    'Internal: rights of the group roles, as the manifest states them.';
