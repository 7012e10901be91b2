CREATE OR REPLACE FUNCTION etl._key_expression(p_target etl.correction_target, p_alias text)
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_key_expression$
-- SQL expression: the key of a row as {"column": value, ...}.
SELECT format('jsonb_build_object(%s)',
              string_agg(format('%L, %s.%I', c.name, p_alias, c.name), ', ' ORDER BY c.position))
  FROM unnest(p_target.key_columns) WITH ORDINALITY AS c (name, position)
$_key_expression$;
COMMENT ON FUNCTION etl._key_expression IS
    'Internal: SQL expression for the key of a row as jsonb.';
