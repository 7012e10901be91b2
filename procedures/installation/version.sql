CREATE OR REPLACE FUNCTION etl.version() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $version$
-- SECURITY DEFINER: readers need no right on the table.
SELECT i.library_version
  FROM etl.installation i
 ORDER BY i.installed_at DESC
 LIMIT 1
$version$;
COMMENT ON FUNCTION etl.version IS $comment$
Returns the version of mytrader-etl that is installed, for example 0.1.0.
$comment$;
