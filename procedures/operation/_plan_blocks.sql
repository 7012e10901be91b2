CREATE OR REPLACE FUNCTION etl._plan_blocks(
    p_execution_id uuid,
    p_pass         smallint,
    p_relation     regclass
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_plan_blocks$
-- Cuts a table and all its partitions into pieces of blocks, from the sizes as they are now: rows
-- written behind the end later are not part of the pass.
-- Tables: writes etl.operation_chunk.
DECLARE
    v_block_size constant integer := current_setting('block_size')::integer;
    v_blocks     bigint;
    v_piece      bigint;
BEGIN
    SELECT (coalesce(sum(pg_relation_size(l.relation)), 0) / v_block_size)::bigint
      INTO v_blocks
      FROM etl._leaf_tables(p_relation) l;
    -- Enough pieces for several workers to end at about the same time, each large enough for a batch.
    -- Passes that mostly read are so much faster that larger ones do.
    v_piece := greatest(64, least(8192, v_blocks / CASE WHEN p_pass = 1 THEN 32 ELSE 8 END));

    INSERT INTO etl.operation_chunk (
        execution_id, pass, chunk_number, relation, first_item, next_item, end_item, rows_per_item)
    SELECT p_execution_id, p_pass, row_number() OVER (ORDER BY l.leaf_number, p.first_block),
           l.relation, p.first_block, p.first_block, least(p.first_block + v_piece, l.blocks), l.rows_per_block
      FROM (SELECT t.relation, t.leaf_number, pg_relation_size(t.relation) / v_block_size AS blocks,
                   etl._rows_per_block(t.relation) AS rows_per_block
              FROM etl._leaf_tables(p_relation) t) l
     CROSS JOIN LATERAL generate_series(0, l.blocks - 1, v_piece) AS p (first_block);
END
$_plan_blocks$;
COMMENT ON FUNCTION etl._plan_blocks(uuid, smallint, regclass) IS
    'Internal: plans a pass over all blocks of a table and its partitions.';
