CREATE OR REPLACE FUNCTION etl._key_condition(
    p_target etl.correction_target,
    p_alias  text,
    p_json   text
) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_key_condition$
-- SQL condition: the row has the key stored as {"column": value, ...}. An index on the key serves
-- it.
SELECT string_agg(format('%s.%I = (%s ->> %L)::%s', p_alias, c.name, p_json, c.name,
                         etl._base_type(p_target.fact_table, c.name)), ' AND ' ORDER BY c.position)
  FROM unnest(p_target.key_columns) WITH ORDINALITY AS c (name, position)
$_key_condition$;
COMMENT ON FUNCTION etl._key_condition IS
    'Internal: SQL condition that compares a row''s key with a stored one.';
