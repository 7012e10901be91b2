CREATE OR REPLACE FUNCTION etl._find_table(p_name text) RETURNS regclass
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_find_table$
-- The table of that name, without regard to case and underscores, in any schema of the database:
-- exactly that name before other spellings, public before other schemas. NULL: none, or not one alone.
WITH found AS (
    SELECT c.oid::regclass AS relation,
           rank() OVER (ORDER BY (c.relname = p_name) DESC, (n.nspname = 'public') DESC) AS rank
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p')
       AND NOT c.relispartition
       AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'etl')
       AND n.nspname NOT LIKE 'pg\_t%'
       AND lower(replace(c.relname, '_', '')) = lower(replace(p_name, '_', ''))
)
SELECT min(f.relation::oid)::regclass FROM found f WHERE f.rank = 1 HAVING count(*) = 1
$_find_table$;
COMMENT ON FUNCTION etl._find_table(text) IS
    'Internal: finds a table by its usual name.';
