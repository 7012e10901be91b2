CREATE OR REPLACE FUNCTION etl._preflight(p_target etl.correction_target)
RETURNS TABLE (risk text, is_blocking boolean, detail text, mitigation text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_preflight$
-- What speaks against correcting a target, from the catalogs alone. Blocking findings refuse the
-- run.
WITH leaf AS (
    SELECT l.relation FROM etl._leaf_tables(p_target.fact_table) l
), family AS (
    SELECT p_target.fact_table::oid AS relation UNION SELECT l.relation FROM leaf l
), value_column AS (
    SELECT a.* FROM pg_attribute a
     WHERE a.attrelid = p_target.fact_table AND a.attname = p_target.value_column
)
SELECT 'row-level security', true,
       format('Policies of %s would hide rows from %s.', p_target.fact_table, current_user),
       format('Deploy as the owner of the table or as a role with BYPASSRLS, '
              'or ALTER TABLE %s NO FORCE ROW LEVEL SECURITY.', p_target.fact_table)
  FROM family f
 WHERE row_security_active(f.relation)
HAVING count(*) > 0
UNION ALL
SELECT 'generated column', true,
       format('%I is computed by PostgreSQL from other columns.', p_target.value_column),
       'Change the expression of the column instead.'
  FROM value_column v WHERE v.attgenerated <> ''
UNION ALL
SELECT 'partition key', true,
       format('%I decides the partition of a row of %s.', p_target.value_column,
              string_agg(p.relation::text, ', ')),
       'A change would move rows between partitions; repartition by another column first.'
  FROM etl._partitioned_by(p_target.fact_table, p_target.value_column) AS p (relation)
HAVING count(*) > 0
UNION ALL
SELECT 'not a table', true,
       format('%s has parts that cannot be corrected here: %s.', p_target.fact_table,
              string_agg(c.oid::regclass::text, ', ')),
       'Correct foreign tables where they live, and register the rest as a target.'
  FROM pg_class c
 WHERE (c.oid = p_target.fact_table
        OR c.oid IN (SELECT i.relid FROM pg_partition_tree(p_target.fact_table) i))
   AND c.relkind NOT IN ('r', 'p')
HAVING count(*) > 0
UNION ALL
SELECT 'missing rights', true,
       format('%s may not read and update %s, or not read %s, '
              'or not create the backup in schema %I.',
              current_user, p_target.fact_table, p_target.dimension_table, n.nspname),
       format('GRANT SELECT, UPDATE ON %s TO %I; GRANT SELECT ON %s TO %2$I; '
              'GRANT CREATE ON SCHEMA %4$I TO %2$I;',
              p_target.fact_table, current_user, p_target.dimension_table, n.nspname)
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = p_target.fact_table
   AND NOT (has_table_privilege(p_target.fact_table, 'SELECT')
            AND has_table_privilege(p_target.fact_table, 'UPDATE')
            AND has_table_privilege(p_target.dimension_table, 'SELECT')
            AND has_schema_privilege(n.oid, 'CREATE'))
UNION ALL
SELECT 'triggers', false,
       format('%s fire for every changed row.',
              string_agg(DISTINCT format('%s (%s)', t.tgname, t.tgrelid::regclass), ', ')),
       'Check that they are cheap and do not change the value; '
       'preview with a small max_records_to_process.'
  FROM pg_trigger t
 WHERE t.tgrelid IN (SELECT f.relation FROM family f)
   AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgparentid = 0
   AND (t.tgtype::integer & 16) = 16
   AND (t.tgattr = ''::int2vector
        OR (SELECT v.attnum FROM value_column v) = ANY (t.tgattr::int2[])
        OR (SELECT a.attnum FROM pg_attribute a
             WHERE a.attrelid = t.tgrelid
               AND a.attname = p_target.touch_column) = ANY (t.tgattr::int2[]))
HAVING count(*) > 0
UNION ALL
SELECT 'foreign key', false,
       format('%s checks every new value.', string_agg(k.conname, ', ')),
       'Values that the referenced table does not have go to etl.failed_record.'
  FROM pg_constraint k
 WHERE k.conrelid = p_target.fact_table AND k.contype = 'f'
   AND (SELECT v.attnum FROM value_column v) = ANY (k.conkey)
HAVING count(*) > 0
UNION ALL
SELECT 'indexes on the value', false,
       format('%s must be maintained for every changed row: no update is HOT.',
              string_agg(i.indexrelid::regclass::text, ', ')),
       'Expect index growth; REINDEX CONCURRENTLY afterwards.'
  FROM pg_index i
 WHERE i.indrelid = p_target.fact_table
   AND ((SELECT v.attnum FROM value_column v) = ANY (i.indkey::int2[])
        OR pg_get_expr(i.indpred, i.indrelid) ~ ('\m' || p_target.value_column || '\M')
        OR pg_get_expr(i.indexprs, i.indrelid) ~ ('\m' || p_target.value_column || '\M'))
HAVING count(*) > 0
UNION ALL
SELECT 'long transactions', false,
       format('%s transactions, the oldest of %s, keep vacuum from removing old row versions.',
              count(*), date_trunc('second', clock_timestamp() - min(a.xact_start))),
       'End them first, or expect the table to grow by every changed row.'
  FROM pg_stat_activity a
 WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
   AND a.xact_start < clock_timestamp() - interval '5 minutes'
HAVING count(*) > 0
UNION ALL
SELECT 'hidden statistics', false,
       format('The statistics of other sessions are hidden from %s: '
              'max_replica_lag and max_snapshot_age have no effect, '
              'and long transactions are not reported.', current_user),
       format('GRANT pg_read_all_stats TO %I;', current_user)
 WHERE NOT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
UNION ALL
SELECT 'no key index', false,
       format('No index begins with the key %s.', array_to_string(p_target.key_columns, ', ')),
       'An undo finds rows by their place first; '
       'rows that moved since are found by a scan of the table for each batch.'
 WHERE NOT etl._has_key_index(p_target)
$_preflight$;
COMMENT ON FUNCTION etl._preflight IS
    'Internal: what speaks against correcting a target, with a mitigation each.';
