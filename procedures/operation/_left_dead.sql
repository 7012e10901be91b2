CREATE OR REPLACE FUNCTION etl._left_dead(
    p_execution_id  uuid,
    p_fact_table    regclass,
    p_is_unreported boolean
) RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_left_dead$
-- Rows that an operation has left dead in its fact table since the last vacuum, by its batches.
-- p_is_unreported: only those that the statistics do not know of yet, see etl._dead_rows().
WITH leaf AS (
    SELECT t.relation, coalesce(greatest(pg_stat_get_last_vacuum_time(t.relation),
                                         pg_stat_get_last_autovacuum_time(t.relation)), '-infinity') AS vacuumed_at
      FROM etl._leaf_tables(p_fact_table) t
)
SELECT coalesce(sum(b.changed), 0)::bigint
  FROM etl.operation_worker w
  JOIN etl.operation_batch b ON b.execution_id = w.execution_id AND b.worker_number = w.worker_number
  JOIN etl.operation_chunk k ON (k.execution_id, k.pass, k.chunk_number) = (b.execution_id, b.pass, b.chunk_number)
  LEFT JOIN leaf l ON l.relation = k.relation  -- the pieces of a rollback are of its backup
 WHERE w.execution_id = p_execution_id AND (w.left_at IS NULL OR NOT p_is_unreported)
   AND b.started_at > coalesce(l.vacuumed_at, (SELECT min(e.vacuumed_at) FROM leaf e))
$_left_dead$;
COMMENT ON FUNCTION etl._left_dead(uuid, regclass, boolean) IS
    'Internal: rows that an operation has left dead since the last vacuum.';
