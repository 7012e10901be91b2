CREATE OR REPLACE FUNCTION etl.verify_installation()
RETURNS TABLE (object_kind text, object_name text, state text, detail text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $verify_installation$
-- Compares the routines of schema etl with what was recorded when they were installed.
-- Returns one row per routine: ok, edited (definition differs), missing (dropped), foreign (not
-- ours).
-- SECURITY DEFINER: readers need no right on the table.
SELECT 'routine',
       format('etl.%s(%s)', coalesce(r.routine_name, p.proname),
              coalesce(r.identity_arguments, pg_get_function_identity_arguments(p.oid))),
       CASE WHEN p.oid IS NULL THEN 'missing'
            WHEN r.routine_name IS NULL THEN 'foreign'
            WHEN r.body_sha256 <> etl._routine_sha256(p.oid) THEN 'edited'
            ELSE 'ok' END,
       CASE WHEN p.oid IS NULL
            THEN format('installed from %s by %s, now gone', r.source_path, r.library_version)
            WHEN r.routine_name IS NULL THEN 'not installed by mytrader-etl'
            WHEN r.body_sha256 <> etl._routine_sha256(p.oid)
            THEN format('differs from %s as installed by %s', r.source_path, r.library_version)
            ELSE format('as in %s of %s', r.source_path, r.library_version) END
  FROM etl.installed_routine r
  FULL JOIN (SELECT * FROM pg_proc WHERE pronamespace = 'etl'::regnamespace) p
    ON p.proname::text = r.routine_name
   AND pg_get_function_identity_arguments(p.oid) = r.identity_arguments
 ORDER BY 2
$verify_installation$;
COMMENT ON FUNCTION etl.verify_installation IS $comment$
Compares every routine of schema etl with what was installed.
Returns one row per routine: ok, edited, missing or foreign.
$comment$;
