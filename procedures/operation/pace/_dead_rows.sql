CREATE OR REPLACE FUNCTION etl._dead_rows(p_execution_id uuid, p_fact_table regclass)
RETURNS numeric
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_dead_rows$
-- Percentage of dead rows in a table and its partitions, by the statistics. A session reports the
-- rows that it has left dead at the end of its CALL only, so those of the workers of this operation
-- since the last vacuum are added, by its batches.
WITH leaf AS (
    SELECT t.relation, pg_stat_get_live_tuples(t.relation) AS live,
           pg_stat_get_dead_tuples(t.relation) AS dead,
           coalesce(greatest(pg_stat_get_last_vacuum_time(t.relation),
                             pg_stat_get_last_autovacuum_time(t.relation)),
                    '-infinity') AS vacuumed_at
      FROM etl._leaf_tables(p_fact_table) t
), own AS (
    SELECT coalesce(sum(b.changed), 0) AS dead
      FROM etl.operation_worker w
      JOIN etl.operation_batch b
        ON b.execution_id = w.execution_id AND b.worker_number = w.worker_number
      JOIN etl.operation_chunk k
        ON (k.execution_id, k.pass, k.chunk_number) = (b.execution_id, b.pass, b.chunk_number)
      LEFT JOIN leaf l ON l.relation = k.relation  -- the chunks of a rollback are of its backup
     WHERE w.execution_id = p_execution_id AND w.left_at IS NULL
       AND b.started_at > coalesce(l.vacuumed_at, (SELECT min(e.vacuumed_at) FROM leaf e))
)
SELECT round(100 * (sum(l.dead) + min(o.dead))
             / greatest(sum(l.live) + sum(l.dead) + min(o.dead), 1), 1)
  FROM leaf l CROSS JOIN own o
$_dead_rows$;
COMMENT ON FUNCTION etl._dead_rows IS
    'Internal: percentage of dead rows in a fact table.';
