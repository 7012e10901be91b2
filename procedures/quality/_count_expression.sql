CREATE OR REPLACE FUNCTION etl._count_expression(p_target etl.correction_target, p_options jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_count_expression$
-- SQL expression that turns rows (value, records) p, joined to a mapping map, into the array of
-- counts that etl._counts() lists.
-- p_options: of the correction, for the count of what remains to be done.
SELECT format('ARRAY[%s]::bigint[]',
              string_agg(format('coalesce(sum(p.records) FILTER (WHERE %s), 0)', c.condition),
                         ', ' ORDER BY c.position))
  FROM etl._counts(p_target, p_options) WITH ORDINALITY AS c (name, condition, is_cured, position)
$_count_expression$;
COMMENT ON FUNCTION etl._count_expression IS
    'Internal: SQL expression for the counts of a measurement.';
