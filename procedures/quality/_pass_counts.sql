CREATE OR REPLACE FUNCTION etl._pass_counts(p_execution_id uuid, p_pass smallint) RETURNS bigint[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_pass_counts$
-- What was counted in all chunks of a pass, in the order of etl._counts(); zeros for an empty
-- table.
SELECT array_agg(s.count ORDER BY s.i)
  FROM (SELECT n.i, coalesce(sum(k.counts[n.i]), 0)::bigint AS count
          FROM generate_series(1, cardinality(etl._count_names())) AS n (i)
          LEFT JOIN etl.operation_chunk k
            ON k.execution_id = p_execution_id AND k.pass = p_pass
         GROUP BY n.i) s
$_pass_counts$;
COMMENT ON FUNCTION etl._pass_counts IS
    'Internal: counts of a pass, summed over its chunks.';
