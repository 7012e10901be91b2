CREATE OR REPLACE FUNCTION etl._tables_named(p_name text)
RETURNS TABLE (relation regclass, rank bigint)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_tables_named$
-- The tables of that name, without regard to case and underscores, in any schema of the database:
-- exactly that name before other spellings, public before other schemas.
SELECT c.oid::regclass,
       rank() OVER (ORDER BY (c.relname = p_name) DESC, (n.nspname = 'public') DESC)
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p')
   AND NOT c.relispartition
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'etl')
   AND n.nspname NOT LIKE 'pg\_t%'
   AND lower(replace(c.relname, '_', '')) = lower(replace(p_name, '_', ''))
$_tables_named$;
COMMENT ON FUNCTION etl._tables_named IS
    'Internal: tables of a name, in any spelling.';
