CREATE OR REPLACE FUNCTION etl._orphans(p_entity text, p_field text)
RETURNS TABLE (issue text, item text, description text, severity text, hint text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_orphans$
-- Rows of a small table that refer, by key or by code, to a row that is not there, and markets
-- without an asset class.
SELECT 'orphaned', coalesce(r.fields ->> 'code', r.key::text),
       CASE WHEN v.value IS NULL THEN 'It has no asset class.'
            ELSE format('Its %s %s is not there.', v.field, r.fields ->> v.field) END,
       'error', format('Set its %s to one that is there, or add the missing row.', v.field)
  FROM etl._platform_rows(p_entity) r
 CROSS JOIN LATERAL (
       SELECT x.field,
              nullif(CASE WHEN x.field = p_field THEN r.fields -> x.field
                          ELSE to_jsonb(upper(btrim(r.fields ->> x.field))) END, 'null') AS value
         FROM (SELECT CASE WHEN r.fields ? p_field THEN p_field
                           ELSE left(p_field, -length('_id')) END AS field) x) v
 WHERE r.fields ? v.field
   AND (v.value IS NOT NULL OR p_entity = 'market')
   AND NOT EXISTS (SELECT FROM etl._platform_links(p_entity, p_field) l WHERE l.value = v.value)
$_orphans$;
COMMENT ON FUNCTION etl._orphans IS
    'Internal: rows that refer to a row that is not there.';
