CREATE OR REPLACE FUNCTION etl._register_migration(p_name text, p_sha256 text) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $_register_migration$
-- Remembers the content of a migration when it is first seen; a later edit is then noticed.
-- Tables: writes etl.installed_migration. Idempotent.
INSERT INTO etl.installed_migration (migration_name, source_sha256)
VALUES (p_name, p_sha256)
ON CONFLICT (migration_name) DO NOTHING
$_register_migration$;
COMMENT ON FUNCTION etl._register_migration IS
    'Internal: records the content hash of a migration.';
