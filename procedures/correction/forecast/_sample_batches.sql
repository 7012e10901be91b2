CREATE OR REPLACE FUNCTION etl._sample_batches(
    p_history       public.etl_execution_history,
    p_target        etl.correction_target,
    p_strategy      text,
    p_records       bigint,
    p_total_records bigint
) RETURNS SETOF etl.batch_claim
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_sample_batches$
-- The sample of a sample run, as batches of the correction: stretches of blocks, evenly spread over
-- the table and its leaves; rows that an index finds, or that are too few for stretches to meet
-- them, and those of a small table, are listed one by one. Never more than 1 % of the rows: 0.9 %
-- of the blocks, no more than 128, or 1 % of the rows, no more than a tenth of those to correct.
-- Volatile: it must see what was written just before.
-- @plpgsql_check_options: performance_warnings = off
DECLARE
    v_blocks    bigint;
    v_sample    bigint;
    v_stretches bigint;
BEGIN
    SELECT (sum(pg_relation_size(l.relation)) / current_setting('block_size')::integer)::bigint
      INTO v_blocks
      FROM etl._leaf_tables(p_target.fact_table) l;
    v_sample := least(128, v_blocks * 9 / 1000);
    IF p_strategy = 'blocks' AND v_sample > 0 AND p_records * v_sample / v_blocks >= 200 THEN
        v_stretches := greatest(1, least(16, v_sample / 8));
        RETURN QUERY
        SELECT s.stretch::integer, l.relation, f.first_block,
               least(l.blocks, f.first_block + v_sample / v_stretches),
               NULL::tid[], 0::bigint, false
          FROM generate_series(1, v_stretches) AS s (stretch)
          JOIN (SELECT t.relation, t.blocks,
                       sum(t.blocks) OVER (ORDER BY t.leaf_number) AS end_block
                  FROM (SELECT i.relation, i.leaf_number,
                               pg_relation_size(i.relation)
                               / current_setting('block_size')::integer AS blocks
                          FROM etl._leaf_tables(p_target.fact_table) i) t) l
            ON v_blocks * (2 * s.stretch - 1) / (2 * v_stretches) >= l.end_block - l.blocks
           AND v_blocks * (2 * s.stretch - 1) / (2 * v_stretches) < l.end_block
         CROSS JOIN LATERAL (SELECT greatest(0, least(
                   v_blocks * (2 * s.stretch - 1) / (2 * v_stretches) - (l.end_block - l.blocks),
                   l.blocks - v_sample / v_stretches))::bigint AS first_block) f
         ORDER BY s.stretch;
        RETURN;
    END IF;

    RETURN QUERY EXECUTE format($query$
        WITH candidate AS MATERIALIZED (%s), counted AS (
            SELECT greatest(1, ceil(count(*) / nullif(
                       least($2 / 100, greatest(20, count(*) / 10)), 0)::numeric)) AS step
              FROM candidate
        ), numbered AS (
            SELECT c.relation, c.place,
                   row_number() OVER (ORDER BY c.relation, c.place) AS number
              FROM candidate c
        )
        SELECT 1, n.relation, 0::bigint, count(*), array_agg(n.place ORDER BY n.place), 0::bigint,
               false
          FROM numbered n, counted
         WHERE n.number %% counted.step = 0 AND $2 >= 100
         GROUP BY n.relation
        $query$, etl._candidate_query(p_target, p_history.parameters, p_target.fact_table::text,
                                      'true', false, 'm.tableoid AS relation, m.ctid AS place'))
    USING p_history.execution_id, p_total_records;
END
$_sample_batches$;
COMMENT ON FUNCTION etl._sample_batches IS
    'Internal: the sample of a sample run, as batches.';
