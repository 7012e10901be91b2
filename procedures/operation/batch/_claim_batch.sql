CREATE OR REPLACE FUNCTION etl._claim_batch(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker
) RETURNS etl.batch_claim
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_claim_batch$
-- Locks a chunk of the current pass for this transaction and cuts the next batch from it.
-- chunk_number is NULL where there is none to claim: all are done (is_pass_done), those left are in
-- the hands of other workers, or the operation is in another phase by now.
-- row_locations: the rows of the batch; NULL: it is the blocks from first_item to before end_item.
-- Locks: the chunk row. SKIP LOCKED: a dead worker's chunk is free at once, nothing is to be
-- cleaned up.
DECLARE
    v_items bigint;
    v_left  bigint;
    r_chunk etl.operation_chunk;
    r_batch etl.batch_claim;
BEGIN
    -- Workers stay with their own chunk: neighbouring blocks, and no two on the same pages. It is
    -- looked up by its key: the order of all chunks counts only where another one is to be taken.
    SELECT k.* INTO r_chunk
      FROM etl.operation_chunk k
     WHERE k.execution_id = p_control.execution_id
       AND (k.pass, k.chunk_number) = (p_control.pass, p_worker.chunk_number)
       AND p_worker.pass = p_control.pass AND NOT k.is_done
       FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN  -- the first of those on which nobody else works
        SELECT k.* INTO r_chunk
          FROM etl.operation_chunk k
         WHERE k.execution_id = p_control.execution_id AND k.pass = p_control.pass AND NOT k.is_done
           AND NOT EXISTS (SELECT FROM etl.operation_worker w
                            WHERE w.execution_id = k.execution_id AND w.left_at IS NULL
                              AND w.worker_number <> p_worker.worker_number
                              AND (w.pass, w.chunk_number) = (k.pass, k.chunk_number))
         ORDER BY k.chunk_number
         LIMIT 1
           FOR UPDATE SKIP LOCKED;
    END IF;
    IF NOT FOUND THEN
        SELECT k.* INTO r_chunk
          FROM etl.operation_chunk k
         WHERE k.execution_id = p_control.execution_id AND k.pass = p_control.pass AND NOT k.is_done
         ORDER BY k.chunk_number
         LIMIT 1
           FOR UPDATE SKIP LOCKED;
    END IF;
    IF NOT FOUND THEN
        r_batch.is_pass_done := NOT EXISTS (
            SELECT FROM etl.operation_chunk k
             WHERE k.execution_id = p_control.execution_id AND k.pass = p_control.pass
               AND NOT k.is_done);
        RETURN r_batch;
    END IF;
    -- The chunk may have been planned after the caller looked, for a phase that it knows nothing
    -- of. From here on the phase lasts: this chunk is not done.
    IF NOT EXISTS (SELECT FROM etl.operation_control c
                    WHERE c.execution_id = p_control.execution_id
                      AND c.phase_started_at = p_control.phase_started_at) THEN
        r_batch.is_pass_done := false;
        RETURN r_batch;
    END IF;

    -- Another pass has another rate, and batch_size may have been tuned: the size starts anew, with
    -- larger batches where few rows of a block are changed, unless another worker has found the
    -- right one.
    IF (p_worker.pass, p_worker.batch_size)
       IS DISTINCT FROM (p_control.pass, p_control.batch_size) THEN
        SELECT w.batch_rows, w.row_time, w.duty_cycle
          INTO p_worker.batch_rows, p_worker.row_time, p_worker.duty_cycle
          FROM etl.operation_worker w
         WHERE w.execution_id = p_control.execution_id
           AND (w.pass, w.batch_size) = (p_control.pass, p_control.batch_size)
           AND w.row_time IS NOT NULL
         ORDER BY w.heartbeat_at DESC
         LIMIT 1;
        IF NOT FOUND THEN
            p_worker.batch_rows := p_control.batch_size * CASE
                WHEN p_control.adaptive AND r_chunk.row_locations IS NULL
                     AND etl._phase_kind(p_history) <> 'writing'
                THEN 20.0::double precision ELSE 1 END;
        END IF;
        UPDATE etl.operation_worker
           SET pass = p_control.pass, chunk_number = r_chunk.chunk_number,
               batch_size = p_control.batch_size, batch_rows = p_worker.batch_rows,
               row_time = p_worker.row_time, duty_cycle = p_worker.duty_cycle
         WHERE execution_id = p_worker.execution_id AND worker_number = p_worker.worker_number;
    END IF;
    IF NOT p_control.adaptive THEN
        p_worker.batch_rows := p_control.batch_size::double precision;
    ELSIF p_worker.row_time IS NOT NULL THEN  -- what was tuned since the last batch counts at once
        p_worker.batch_rows := greatest(1, least(p_worker.batch_rows,
            etl._milliseconds(p_control.target_batch_time)
            / etl._known_row_time(p_control, p_worker, p_worker.row_time)));
    END IF;
    -- No batch is a small rest of its chunk, of which it would cost more: the last two share it.
    v_left := r_chunk.end_item - r_chunk.next_item;
    v_items := greatest(1, round(p_worker.batch_rows / r_chunk.rows_per_item))::bigint;
    IF p_control.adaptive AND v_left > v_items AND v_left < 2 * v_items THEN
        v_items := (v_left + 1) / 2;
    END IF;
    r_batch.chunk_number := r_chunk.chunk_number;
    r_batch.relation := r_chunk.relation;
    r_batch.first_item := r_chunk.next_item;
    r_batch.end_item := r_chunk.next_item + least(v_left, v_items);
    r_batch.row_locations := r_chunk.row_locations[r_batch.first_item + 1 : r_batch.end_item];
    r_batch.rows_expected := round((r_batch.end_item - r_batch.first_item)
                                   * r_chunk.rows_per_item)::bigint;
    r_batch.is_pass_done := false;
    RETURN r_batch;
END
$_claim_batch$;
COMMENT ON FUNCTION etl._claim_batch IS
    'Internal: claims the next batch of the current pass.';
