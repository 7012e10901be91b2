CREATE OR REPLACE FUNCTION etl._dead_rows(p_execution_id uuid, p_fact_table regclass) RETURNS numeric
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_dead_rows$
-- Percentage of dead rows in a table and its partitions, by the statistics. A session reports the rows
-- that it has left dead at the end of its CALL only, so those of the workers of this operation are added.
WITH table_rows AS (
    SELECT sum(pg_stat_get_live_tuples(t.relation)) AS live,
           sum(pg_stat_get_dead_tuples(t.relation)) + min(etl._left_dead(p_execution_id, p_fact_table, true)) AS dead
      FROM etl._leaf_tables(p_fact_table) t
)
SELECT round(100 * r.dead / greatest(r.live + r.dead, 1), 1) FROM table_rows r
$_dead_rows$;
COMMENT ON FUNCTION etl._dead_rows(uuid, regclass) IS
    'Internal: percentage of dead rows in a fact table.';
