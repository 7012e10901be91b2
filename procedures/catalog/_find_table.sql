CREATE OR REPLACE FUNCTION etl._find_table(p_name text) RETURNS regclass
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_find_table$
-- The table of that name, in the best of its spellings. NULL: none, or not one alone.
SELECT min(f.relation::oid)::regclass
  FROM etl._tables_named(p_name) f
 WHERE f.rank = 1 HAVING count(*) = 1
$_find_table$;
COMMENT ON FUNCTION etl._find_table IS
    'Internal: finds a table by its usual name.';
