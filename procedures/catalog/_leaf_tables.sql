CREATE OR REPLACE FUNCTION etl._leaf_tables(p_relation regclass)
RETURNS TABLE (relation oid, leaf_number bigint)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_leaf_tables$
-- The tables with storage below a table: itself, its partitions however nested, its inheritance
-- children.
WITH RECURSIVE tree AS (
    SELECT c.oid, c.relkind, ARRAY[c.relname::text] AS path
      FROM pg_class c
     WHERE c.oid = p_relation
    UNION ALL
    SELECT c.oid, c.relkind, t.path || c.relname::text
      FROM tree t
      JOIN pg_inherits i ON i.inhparent = t.oid
      JOIN pg_class c ON c.oid = i.inhrelid
)
SELECT t.oid, row_number() OVER (ORDER BY t.path)
  FROM tree t
 WHERE t.relkind = 'r'
$_leaf_tables$;
COMMENT ON FUNCTION etl._leaf_tables IS
    'Internal: the tables with storage of a partitioned or plain table.';
