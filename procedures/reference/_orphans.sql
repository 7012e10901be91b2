CREATE OR REPLACE FUNCTION etl._orphans(p_entity text, p_field text)
RETURNS TABLE (issue text, item text, description text, severity text, hint text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_orphans$
-- Rows of a small table that refer to a row that is not there, and markets without an asset class.
SELECT 'orphaned', coalesce(r.fields ->> 'code', r.key::text),
       CASE WHEN r.fields ->> p_field IS NULL THEN 'It has no asset class.'
            ELSE format('Its %s %s is not there.', p_field, r.fields ->> p_field) END,
       'error', format('Set its %s to one that is there, or add the missing row.', p_field)
  FROM etl._platform_rows(p_entity) r
 WHERE r.fields ? p_field
   AND (r.fields ->> p_field IS NOT NULL OR p_entity = 'market')
   AND NOT EXISTS (SELECT FROM etl._platform_links(p_entity, p_field) l WHERE l.value = r.fields -> p_field)
$_orphans$;
COMMENT ON FUNCTION etl._orphans(text, text) IS
    'Internal: rows that refer to a row that is not there.';
