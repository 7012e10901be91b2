CREATE OR REPLACE FUNCTION etl._finish_batch(
    p_control    etl.operation_control,
    p_worker     etl.operation_worker,
    p_batch      etl.batch_claim,
    p_changed    bigint,
    p_skipped    bigint,
    p_failed     bigint,
    p_is_listed  boolean,
    p_counts     bigint[] DEFAULT NULL,
    p_is_in_the_way boolean DEFAULT false
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_finish_batch$
-- Checkpoint of a batch, in the transaction that did it: cursor, next size, batch row, counters.
-- The rows that all workers share are written last, so that nobody queues for the length of a
-- batch.
-- p_batch: what _claim_batch returned.
-- p_is_listed: whether it gets a row in etl.operation_batch.
-- p_counts: figures to add to the chunk's.
-- p_is_in_the_way: other sessions wait for its locks.
-- Raises 55000 where the operation has ended meanwhile, 40001 where its phase has: the batch is
-- then undone.
DECLARE
    v_began   timestamptz := transaction_timestamp();
    v_wal     pg_lsn := pg_current_wal_insert_lsn();
    v_second  numeric := pg_size_bytes(p_control.limits ->> 'max_wal_rate')::numeric;
    v_took    interval;
    v_done    double precision;
    v_elapsed double precision;
    v_time    double precision;
    v_change  double precision;
    v_next    integer;
BEGIN
    -- The claim may have begun a pass anew, or with what another worker has found.
    SELECT w.batch_rows, w.row_time, w.duty_cycle
      INTO p_worker.batch_rows, p_worker.row_time, p_worker.duty_cycle
      FROM etl.operation_worker w
     WHERE w.execution_id = p_control.execution_id AND w.worker_number = p_worker.worker_number;
    -- Whole blocks: half a one more or less is not what the batch was cut by.
    v_done := least(p_worker.batch_rows,
                    p_batch.rows_expected * (1 + 0.5::double precision
                                             / nullif(p_batch.end_item - p_batch.first_item, 0)));
    -- Under a limit of WAL a batch takes as long as what it wrote is worth.
    v_took := clock_timestamp() - v_began;
    v_elapsed := greatest(0.1, etl._milliseconds(v_took),
                          (1000 * (v_wal - p_worker.wal_position) / v_second)::double precision);
    v_time := etl._row_time(etl._known_row_time(p_control, p_worker, p_worker.row_time),
                            p_worker.batch_rows, p_batch.rows_expected, v_elapsed);
    v_change := etl._known_row_time(p_control, p_worker, p_worker.change_time);
    IF p_changed > 0 AND (v_change IS NULL OR p_changed >= p_batch.rows_expected / 2) THEN
        v_change := etl._row_time(v_change, p_changed, p_changed, v_elapsed);
    END IF;
    UPDATE etl.operation_chunk k
       SET next_item = p_batch.end_item,
           counts = etl._add_counts(k.counts, p_counts)
     WHERE k.execution_id = p_control.execution_id
       AND k.pass = p_control.pass
       AND k.chunk_number = p_batch.chunk_number;
    IF p_is_listed THEN
        INSERT INTO etl.operation_batch (
            execution_id, batch_number, worker_number, pass, chunk_number, first_item, end_item,
            rows_expected, changed, skipped, failed, attempts, started_at, duration)
        VALUES (
            p_control.execution_id, p_worker.batch_number, p_worker.worker_number, p_control.pass,
            p_batch.chunk_number, p_batch.first_item, p_batch.end_item, p_batch.rows_expected,
            p_changed, p_skipped, p_failed, p_worker.attempts, v_began, v_took);
    END IF;
    UPDATE etl.operation_worker w
       SET chunk_number = p_batch.chunk_number,
           attempts = 0,
           changed_at = CASE WHEN p_changed + p_failed > 0 THEN clock_timestamp()
                             ELSE w.changed_at END,
           skip_locked = greatest(w.skip_locked - 1, 0),
           row_time = v_time,
           change_time = v_change,
           duty_cycle = (p_control.limits ->> 'max_duty_cycle')::numeric,
           batch_rows = etl._next_batch_rows(p_control, w.batch_rows, v_done, v_time,
                                             p_is_in_the_way)
     WHERE w.execution_id = p_control.execution_id AND w.worker_number = p_worker.worker_number;

    UPDATE etl.operation_control c
       SET items_done = c.items_done + p_batch.end_item - p_batch.first_item,
           last_batch_number = c.last_batch_number + p_is_listed::integer,
           -- What several workers wrote at the same time is charged once.
           wal_position = v_wal,
           wal_paid_at = CASE
               WHEN v_second IS NOT NULL
               THEN greatest(c.wal_paid_at, v_began)
                    + interval '1 second'
                      * (greatest(0, v_wal - greatest(p_worker.wal_position, c.wal_position))
                         / v_second)::double precision END
     WHERE c.execution_id = p_control.execution_id
       AND c.phase_started_at = p_control.phase_started_at
    RETURNING c.last_batch_number INTO v_next;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'operation % has changed its phase meanwhile', p_control.execution_id
            USING ERRCODE = 'serialization_failure',
                  DETAIL = 'The chunk was opened again for another purpose; '
                           'the batch is undone and tried again.',
                  HINT = 'Nothing: the worker goes on by itself.';
    END IF;
    IF p_is_listed THEN
        UPDATE etl.operation_worker w
           SET batch_number = v_next
         WHERE w.execution_id = p_control.execution_id AND w.worker_number = p_worker.worker_number;
    END IF;
    UPDATE public.etl_execution_history h
       SET records_changed = h.records_changed + p_changed,
           records_skipped = h.records_skipped + p_skipped,
           records_failed = h.records_failed + p_failed,
           records_processed = h.records_processed + p_changed + p_skipped + p_failed,
           batches_processed = h.batches_processed + p_is_listed::integer,
           batches_failed = h.batches_failed + (p_is_listed AND p_failed > 0)::integer,
           progress_percent = (SELECT round(c.progress_from + (c.progress_to - c.progress_from)
                                            * c.items_done / greatest(c.items_total, 1), 2)
                                 FROM etl.operation_control c
                                WHERE c.execution_id = p_control.execution_id),
           heartbeat_at = clock_timestamp()
     WHERE h.execution_id = p_control.execution_id AND h.status = 'running';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'operation % was ended by another session', p_control.execution_id
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'This worker was taken for dead; '
                           'its batch is undone and will be done by others.',
                  HINT = format('SELECT * FROM etl.operation_status(%L);', p_control.execution_id);
    END IF;
END
$_finish_batch$;
COMMENT ON FUNCTION etl._finish_batch IS
    'Internal: checkpoint of a batch.';
