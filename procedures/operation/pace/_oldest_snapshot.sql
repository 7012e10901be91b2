CREATE OR REPLACE FUNCTION etl._oldest_snapshot(p_execution_id uuid)
RETURNS TABLE (holder text, age interval)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_oldest_snapshot$
-- The oldest transaction of another session, or prepared, that keeps vacuum from removing dead rows
-- of this database. Where it began is hidden from a role without pg_read_all_stats.
SELECT s.holder, clock_timestamp() - s.began
  FROM (SELECT format('pid %s', a.pid), a.xact_start
          FROM pg_stat_activity a
         WHERE a.datname = current_database()
           AND (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL)
           AND NOT EXISTS (SELECT FROM pg_stat_progress_vacuum v WHERE v.pid = a.pid)
           AND NOT EXISTS (SELECT FROM etl.operation_worker w
                            WHERE w.execution_id = p_execution_id AND w.left_at IS NULL
                              AND w.backend_pid = a.pid)
        UNION ALL
        SELECT format('prepared transaction %L', p.gid), p.prepared
          FROM pg_prepared_xacts p
         WHERE p.database = current_database()) AS s (holder, began)
 WHERE s.began IS NOT NULL
 ORDER BY s.began
 LIMIT 1
$_oldest_snapshot$;
COMMENT ON FUNCTION etl._oldest_snapshot IS
    'Internal: the oldest transaction that holds back vacuum.';
