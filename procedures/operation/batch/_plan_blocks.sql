CREATE OR REPLACE FUNCTION etl._plan_blocks(
    p_execution_id uuid,
    p_pass         smallint,
    p_relation     regclass,
    p_is_writing   boolean
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_plan_blocks$
-- Cuts a table and all its partitions into chunks of blocks, from the sizes as they are now: rows
-- written behind the end later are not part of the pass.
-- p_is_writing: whether the pass changes most rows; otherwise it mostly reads.
-- Tables: writes etl.operation_chunk.
DECLARE
    v_block_size constant integer := current_setting('block_size')::integer;
    v_blocks     bigint;
    v_chunk      bigint;
    v_last_chunk bigint;
    v_large      bigint;
BEGIN
    SELECT (coalesce(sum(pg_relation_size(l.relation)), 0) / v_block_size)::bigint
      INTO v_blocks
      FROM etl._leaf_tables(p_relation) l;
    -- Enough chunks for several workers, each large enough for batches of some size; the last ones
    -- are smaller, so that they end at about the same time. Passes that mostly read are so much
    -- faster that larger ones do.
    v_chunk := greatest(64, least(8192, v_blocks / CASE WHEN p_is_writing THEN 16 ELSE 8 END));
    v_last_chunk := CASE WHEN p_is_writing THEN greatest(64, v_chunk / 8) ELSE v_chunk END;
    v_large := CASE WHEN p_is_writing THEN (v_blocks / v_chunk - 2) * v_chunk ELSE v_blocks END;

    INSERT INTO etl.operation_chunk (
        execution_id, pass, chunk_number, relation, first_item, next_item, end_item, rows_per_item)
    SELECT p_execution_id, p_pass, row_number() OVER (ORDER BY l.leaf_number, p.first_block),
           l.relation, p.first_block, p.first_block, p.end_block, l.rows_per_block
      FROM (SELECT t.relation, t.leaf_number, s.blocks,
                   least(s.blocks, greatest(0, v_large
                         - (sum(s.blocks) OVER (ORDER BY t.leaf_number)
                            - s.blocks)))::bigint AS large_until,
                   etl._rows_per_block(t.relation) AS rows_per_block
              FROM etl._leaf_tables(p_relation) t
             CROSS JOIN LATERAL (SELECT pg_relation_size(t.relation) / v_block_size) AS s (blocks)
           ) l
     CROSS JOIN LATERAL (
        SELECT g.first_block, least(g.first_block + v_chunk, l.large_until)
          FROM generate_series(0, l.large_until - 1, v_chunk) AS g (first_block)
         UNION ALL
        SELECT g.first_block, least(g.first_block + v_last_chunk, l.blocks)
          FROM generate_series(l.large_until, l.blocks - 1, v_last_chunk) AS g (first_block)
     ) AS p (first_block, end_block);
END
$_plan_blocks$;
COMMENT ON FUNCTION etl._plan_blocks IS
    'Internal: plans a pass over all blocks of a table and its partitions.';
