CREATE OR REPLACE FUNCTION etl._same_key(p_target etl.correction_target) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_same_key$
-- SQL condition: row m of the fact table and row b of the backup have the same key.
SELECT string_agg(format('m.%1$I = b.%1$I', c.name), ' AND ' ORDER BY c.position)
  FROM unnest(p_target.key_columns) WITH ORDINALITY AS c (name, position)
$_same_key$;
COMMENT ON FUNCTION etl._same_key(etl.correction_target) IS
    'Internal: SQL condition that a row and a before-image have the same key.';
