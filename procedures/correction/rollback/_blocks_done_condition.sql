CREATE OR REPLACE FUNCTION etl._blocks_done_condition(p_rollback_id uuid) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_blocks_done_condition$
-- SQL condition: row b of the backup lies in the blocks that a rollback has restored (pass 1), its
-- chunks up to their cursors. Neighbouring chunks become one range, so it stays short.
SELECT coalesce('(' || string_agg(format('b.ctid >= ''(%s,0)'' AND b.ctid < ''(%s,0)''',
                                         lower(r.blocks), upper(r.blocks)),
                                  ' OR ') || ')', 'false')
  FROM (SELECT unnest(range_agg(int8range(k.first_item, k.next_item))) AS blocks
          FROM etl.operation_chunk k
         WHERE k.execution_id = p_rollback_id AND k.pass = 1 AND k.row_locations IS NULL
           AND k.next_item > k.first_item) r
$_blocks_done_condition$;
COMMENT ON FUNCTION etl._blocks_done_condition IS
    'Internal: SQL condition that a rollback has gone through the block of a before-image.';
