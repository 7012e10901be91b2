CREATE OR REPLACE FUNCTION etl._find_touch_column(p_fact_table regclass, p_key_columns text[])
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_find_touch_column$
-- The column updated_at, by any of its spellings, where it can be set to a time; NULL: there is
-- none.
SELECT c.name
  FROM etl._find_column(p_fact_table, 'updated_at') AS c (name)
 WHERE etl._can_touch(p_fact_table, c.name, p_key_columns)
$_find_touch_column$;
COMMENT ON FUNCTION etl._find_touch_column IS
    'Internal: finds the column that tells when a row was changed.';
