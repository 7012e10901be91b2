CREATE OR REPLACE FUNCTION etl._routine_sha256(p_oid oid) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_routine_sha256$
-- SHA-256 of all that decides what a routine does. Not of pg_get_functiondef(), whose layout may
-- differ between PostgreSQL versions and would cry wolf after pg_upgrade.
SELECT encode(sha256(convert_to(concat_ws(E'\x1f',
           p.prokind, p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
           p.prosecdef, p.provolatile, p.proisstrict, p.proparallel, p.proconfig::text, p.prosrc),
       'UTF8')), 'hex')
  FROM pg_proc p
 WHERE p.oid = p_oid
$_routine_sha256$;
COMMENT ON FUNCTION etl._routine_sha256 IS 'Internal: hash of a routine''s definition.';
