-- Schema, group roles, audit log, and the record of what is installed.

SET LOCAL lock_timeout = '10s';

CREATE SCHEMA IF NOT EXISTS etl;
COMMENT ON SCHEMA etl IS
    'mytrader-etl: repairs the derived data of a live database. The routines are the interface; '
    'the tables may be read but are written by the routines only.';
REVOKE ALL ON SCHEMA etl FROM PUBLIC;

-- Roles belong to the cluster, not to this database. A deploying role that may not create them can
-- still install: a DBA creates them later and `mytrader-etl migrate up` grants what is missing.
DO $roles$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['etl_reader', 'etl_operator', 'etl_admin'] LOOP
        IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_role) THEN
            CONTINUE;
        END IF;
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
        EXCEPTION
            WHEN insufficient_privilege THEN
                RAISE WARNING 'role % was not created: % may not create roles', v_role, current_user
                    USING HINT = format('As a role with CREATEROLE run CREATE ROLE %I NOLOGIN, then '
                                        'deploy again to grant it its rights.', v_role);
            WHEN duplicate_object OR unique_violation THEN
                NULL;  -- another database of this cluster installs at the same moment
        END;
    END LOOP;
END
$roles$;

CREATE TABLE IF NOT EXISTS etl.installation (
    library_version text        NOT NULL,
    installed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    installed_by    text        NOT NULL DEFAULT session_user
);
COMMENT ON TABLE etl.installation IS 'One row per installation or upgrade; the newest is what is installed.';
COMMENT ON COLUMN etl.installation.library_version IS 'Version of mytrader-etl whose routines were installed.';
COMMENT ON COLUMN etl.installation.installed_at IS 'When it was installed.';
COMMENT ON COLUMN etl.installation.installed_by IS 'Who installed it (session_user).';

CREATE TABLE IF NOT EXISTS etl.installed_routine (
    routine_name       text        NOT NULL,
    identity_arguments text        NOT NULL,
    source_path        text        NOT NULL,
    source_sha256      text        NOT NULL,
    body_sha256        text        NOT NULL,
    granted_role       text        NOT NULL
        CHECK (granted_role IN ('etl_reader', 'etl_operator', 'etl_admin', 'internal')),
    library_version    text        NOT NULL,
    installed_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (routine_name, identity_arguments)
);
COMMENT ON TABLE etl.installed_routine IS
    'Every routine of schema etl as it was installed; etl.verify_installation() compares it with what is there.';
COMMENT ON COLUMN etl.installed_routine.routine_name IS 'Name of the routine in schema etl.';
COMMENT ON COLUMN etl.installed_routine.identity_arguments IS 'Its argument types, as pg_get_function_identity_arguments() prints them.';
COMMENT ON COLUMN etl.installed_routine.source_path IS 'File below procedures/ that it came from.';
COMMENT ON COLUMN etl.installed_routine.source_sha256 IS 'SHA-256 of that file.';
COMMENT ON COLUMN etl.installed_routine.body_sha256 IS 'SHA-256 of the definition in the catalog right after it was installed.';
COMMENT ON COLUMN etl.installed_routine.granted_role IS 'Group role that may execute it; internal: nobody but the owner.';
COMMENT ON COLUMN etl.installed_routine.library_version IS 'Version of mytrader-etl that installed it.';
COMMENT ON COLUMN etl.installed_routine.installed_at IS 'When it was installed.';

CREATE TABLE IF NOT EXISTS etl.installed_migration (
    migration_name text        PRIMARY KEY,
    source_sha256  text        NOT NULL,
    recorded_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE etl.installed_migration IS
    'Content hash of every applied migration, so that a later edit is noticed.';
COMMENT ON COLUMN etl.installed_migration.migration_name IS 'File name below migrations/.';
COMMENT ON COLUMN etl.installed_migration.source_sha256 IS 'SHA-256 of the file when it was first recorded.';
COMMENT ON COLUMN etl.installed_migration.recorded_at IS 'When it was first recorded.';

CREATE TABLE IF NOT EXISTS etl.audit_log (
    audit_id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    occurred_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    action           text        NOT NULL,
    execution_id     uuid,
    target           text,
    actor            text        NOT NULL DEFAULT session_user,
    application_name text        NOT NULL DEFAULT current_setting('application_name', true),
    client_addr      inet        DEFAULT inet_client_addr(),
    reason           text,
    before           jsonb,
    after            jsonb
);
CREATE INDEX IF NOT EXISTS audit_log_execution_id_idx ON etl.audit_log (execution_id);
COMMENT ON TABLE etl.audit_log IS
    'Append-only: who started, cancelled, paused, tuned, rolled back, purged or registered what, when and from where.';
COMMENT ON COLUMN etl.audit_log.audit_id IS 'Order of the entries.';
COMMENT ON COLUMN etl.audit_log.occurred_at IS 'When it was done.';
COMMENT ON COLUMN etl.audit_log.action IS 'What was done: start, resume, join, cancel, pause, tune, rollback, purge, register_target, ...';
COMMENT ON COLUMN etl.audit_log.execution_id IS 'The operation concerned, if any.';
COMMENT ON COLUMN etl.audit_log.target IS 'The target concerned, if any.';
COMMENT ON COLUMN etl.audit_log.actor IS 'Who did it (session_user).';
COMMENT ON COLUMN etl.audit_log.application_name IS 'application_name of the session.';
COMMENT ON COLUMN etl.audit_log.client_addr IS 'Address of the client; NULL over a Unix socket.';
COMMENT ON COLUMN etl.audit_log.reason IS 'Why, in the words of who did it.';
COMMENT ON COLUMN etl.audit_log.before IS 'Settings or state before.';
COMMENT ON COLUMN etl.audit_log.after IS 'Settings or state after.';
