CREATE OR REPLACE FUNCTION etl._correct_batch(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    p_rows    tid[]
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_correct_batch$
-- Corrects the rows of a batch and books what that has cost, in the same transaction: what is
-- undone is not booked.
-- Returns the number of rows changed.
-- Each worker has a row of its own to write to.
-- Tables: writes etl.operation_usage.
DECLARE
    r_cost record;
BEGIN
    SELECT m.* INTO r_cost FROM etl._meter_rows(p_history, p_control, p_worker, p_batch, p_rows) m;
    IF r_cost.changed > 0 THEN
        INSERT INTO etl.operation_usage AS u (
            execution_id, worker_number, updates, hot_updates, wal_bytes)
        VALUES (p_history.execution_id, p_worker.worker_number, r_cost.updates,
                r_cost.hot_updates, r_cost.wal_bytes)
        ON CONFLICT (execution_id, worker_number) DO UPDATE
           SET updates = u.updates + excluded.updates,
               hot_updates = u.hot_updates + excluded.hot_updates,
               wal_bytes = u.wal_bytes + excluded.wal_bytes;
    END IF;
    RETURN r_cost.changed;
END
$_correct_batch$;
COMMENT ON FUNCTION etl._correct_batch IS
    'Internal: corrects the rows of a batch and books what that has cost.';
