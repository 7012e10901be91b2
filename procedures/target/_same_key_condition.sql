CREATE OR REPLACE FUNCTION etl._same_key_condition(
    p_target   etl.correction_target,
    p_operator text DEFAULT '='
) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_same_key_condition$
-- SQL condition: row m of the fact table and row b of the backup have the same key.
-- p_operator: '=', which an index can answer, or 'IS NOT DISTINCT FROM', for keys that may be null.
SELECT string_agg(format('m.%1$I %2$s b.%1$I', c.name, p_operator), ' AND ' ORDER BY c.position)
  FROM unnest(p_target.key_columns) WITH ORDINALITY AS c (name, position)
$_same_key_condition$;
COMMENT ON FUNCTION etl._same_key_condition IS
    'Internal: SQL condition that a row and a before-image have the same key.';
