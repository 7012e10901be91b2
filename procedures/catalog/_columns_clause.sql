CREATE OR REPLACE FUNCTION etl._columns_clause(
    p_columns   text[],
    p_alias     text DEFAULT NULL,
    p_pattern   text DEFAULT '%1$s%2$I',
    p_separator text DEFAULT ', '
) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_columns_clause$
-- SQL list of quoted column names.
-- p_pattern: format of one, %1$s the alias with its dot, %2$I the name.
SELECT string_agg(format(p_pattern, coalesce(p_alias || '.', ''), c.name),
                  p_separator ORDER BY c.position)
  FROM unnest(p_columns) WITH ORDINALITY AS c (name, position)
$_columns_clause$;
COMMENT ON FUNCTION etl._columns_clause IS
    'Internal: SQL list of quoted column names.';
