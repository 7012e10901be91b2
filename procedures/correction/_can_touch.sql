CREATE OR REPLACE FUNCTION etl._can_touch(
    p_fact_table  regclass,
    p_column      text,
    p_key_columns text[]
) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_can_touch$
-- Whether a column can be set to the time of a change: it holds dates or times, is not computed, and
-- neither identifies a row nor decides its partition. NULL: there is no such column.
SELECT y.typcategory = 'D' AND a.attgenerated = '' AND a.attname <> ALL (p_key_columns)
       AND NOT EXISTS (
           SELECT FROM pg_partitioned_table p
            WHERE p.partrelid IN (SELECT i.relid FROM pg_partition_tree(p_fact_table) i
                                   UNION ALL SELECT a.relid FROM pg_partition_ancestors(p_fact_table) a (relid))
              AND (a.attname IN (SELECT k.attname FROM pg_attribute k
                                  WHERE k.attrelid = p.partrelid AND k.attnum = ANY (p.partattrs::int2[]))
                   OR pg_get_expr(p.partexprs, p.partrelid) ~ ('\m' || a.attname || '\M')))
  FROM pg_attribute a
  JOIN pg_type y ON y.oid = a.atttypid
 WHERE a.attrelid = p_fact_table AND a.attname = p_column AND a.attnum > 0 AND NOT a.attisdropped
$_can_touch$;
COMMENT ON FUNCTION etl._can_touch(regclass, text, text[]) IS
    'Internal: whether a column can hold the time of a change.';
