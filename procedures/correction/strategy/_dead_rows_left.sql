CREATE OR REPLACE FUNCTION etl._dead_rows_left(p_target etl.correction_target) RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_dead_rows_left$
-- Rows that operations have left dead in a fact table since its last vacuum, by their batches.
-- Whoever looks up by index what they have changed visits them too.
WITH leaf AS (
    SELECT t.relation,
           coalesce(greatest(pg_stat_get_last_vacuum_time(t.relation),
                             pg_stat_get_last_autovacuum_time(t.relation)),
                    '-infinity') AS vacuumed_at
      FROM etl._leaf_tables(p_target.fact_table) t
)
SELECT coalesce(sum(b.changed), 0)::bigint
  FROM public.etl_execution_history h
  JOIN etl._jobs() j ON j.operation = h.operation AND j.works_on = 'target'
  JOIN etl.operation_batch b USING (execution_id)
  JOIN etl.operation_chunk k
    ON (k.execution_id, k.pass, k.chunk_number) = (b.execution_id, b.pass, b.chunk_number)
  LEFT JOIN leaf l ON l.relation = k.relation  -- the chunks of a rollback are of its backup
 WHERE h.target = p_target.target AND NOT h.dry_run
   AND h.heartbeat_at > (SELECT min(e.vacuumed_at) FROM leaf e)
   AND b.started_at > coalesce(l.vacuumed_at, (SELECT min(e.vacuumed_at) FROM leaf e))
$_dead_rows_left$;
COMMENT ON FUNCTION etl._dead_rows_left IS
    'Internal: rows that operations have left dead since the last vacuum.';
