CREATE OR REPLACE FUNCTION etl._partitioned_by(p_fact_table regclass, p_column text)
RETURNS SETOF regclass
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_partitioned_by$
-- The partitioned tables above, at and below the fact table in whose partition key a column is,
-- itself or in an expression.
SELECT p.partrelid::regclass
  FROM pg_partitioned_table p
 WHERE p.partrelid IN (SELECT i.relid FROM pg_partition_tree(p_fact_table) i
                        UNION ALL
                       SELECT u.relid FROM pg_partition_ancestors(p_fact_table) u (relid))
   AND (p.partattrs::int2[] @> ARRAY[(SELECT a.attnum FROM pg_attribute a
                                       WHERE a.attrelid = p.partrelid AND a.attname = p_column)]
        OR pg_get_expr(p.partexprs, p.partrelid) ~ ('\m' || p_column || '\M'))
$_partitioned_by$;
COMMENT ON FUNCTION etl._partitioned_by IS
    'Internal: the partitioned tables that have a column in their partition key.';
