CREATE OR REPLACE FUNCTION etl._can_touch(
    p_fact_table  regclass,
    p_column      text,
    p_key_columns text[]
) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_can_touch$
-- Whether a column can be set to the time of a change: it holds dates or times, is not computed,
-- and neither identifies a row nor decides its partition. NULL: there is no such column.
SELECT y.typcategory = 'D' AND a.attgenerated = '' AND a.attname <> ALL (p_key_columns)
       AND NOT EXISTS (SELECT FROM etl._partitioned_by(p_fact_table, p_column))
  FROM pg_attribute a
  JOIN pg_type y ON y.oid = a.atttypid
 WHERE a.attrelid = p_fact_table AND a.attname = p_column AND a.attnum > 0 AND NOT a.attisdropped
$_can_touch$;
COMMENT ON FUNCTION etl._can_touch IS
    'Internal: whether a column can hold the time of a change.';
