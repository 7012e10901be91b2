CREATE OR REPLACE FUNCTION etl._platform_columns(p_entity text, p_relation regclass)
RETURNS TABLE (field text, column_name text, is_identity boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_platform_columns$
-- Which column of a table of the platform holds which field; fields without a column are left out,
-- and a column holds the first field that claims it. What a correction was told about its dimension
-- table comes before any guess.
WITH told AS (
    SELECT t.* FROM etl.correction_target t
     WHERE p_entity = 'symbol' AND t.target = 'market_data' AND t.dimension_table = p_relation
), claim AS (
    SELECT f.field, f.is_identity, f.rank, coalesce(
               (SELECT CASE f.field
                       WHEN 'ticker' THEN told.dimension_match_column
                       WHEN 'asset_class' THEN told.dimension_value_column
                       WHEN 'venue' THEN told.dimension_venue_column
                       WHEN 'is_active' THEN told.dimension_active_column END FROM told),
               etl._find_column(p_relation, VARIADIC f.names)) AS column_name
      FROM ROWS FROM (etl._platform_fields()) WITH ORDINALITY
           AS f (entity, field, is_identity, names, rank)
     WHERE f.entity = p_entity
)
SELECT DISTINCT ON (c.column_name) c.field, c.column_name, c.is_identity
  FROM claim c
 WHERE c.column_name IS NOT NULL
 ORDER BY c.column_name, c.rank
$_platform_columns$;
COMMENT ON FUNCTION etl._platform_columns IS
    'Internal: which column of a table of the platform holds which field.';
