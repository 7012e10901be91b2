CREATE OR REPLACE FUNCTION etl._time_reading(
    p_history public.etl_execution_history,
    p_target  etl.correction_target
) RETURNS double precision
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_time_reading$
-- Milliseconds that it takes to measure the whole table, extrapolated from its largest leaf, of
-- which as many blocks are read as a twentieth of the whole table has: at least 2000, at most all.
DECLARE
    v_block_size constant integer := current_setting('block_size')::integer;
    v_blocks     bigint;
    v_began      timestamptz;
    r_batch      etl.batch_claim;
BEGIN
    SELECT (sum(pg_relation_size(l.relation)) / v_block_size)::bigint INTO v_blocks
      FROM etl._leaf_tables(p_target.fact_table) l;
    r_batch.first_item := 0::bigint;
    SELECT l.relation,
           least(pg_relation_size(l.relation) / v_block_size, greatest(2000, v_blocks / 20))
      INTO r_batch.relation, r_batch.end_item
      FROM etl._leaf_tables(p_target.fact_table) l
     ORDER BY pg_relation_size(l.relation) DESC
     LIMIT 1;
    v_began := clock_timestamp();
    PERFORM etl._count_rows(p_history, r_batch);
    RETURN etl._milliseconds(clock_timestamp() - v_began) * v_blocks
           / greatest(r_batch.end_item, 1);
END
$_time_reading$;
COMMENT ON FUNCTION etl._time_reading IS
    'Internal: time that it takes to measure a fact table.';
