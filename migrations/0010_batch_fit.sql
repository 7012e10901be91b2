-- Batch fit: what a row takes where it is changed, so that no batch changes more than fit into its time.
--
-- depends: 0009_pace

SET LOCAL lock_timeout = '10s';

ALTER TABLE etl.operation_worker
    ADD COLUMN IF NOT EXISTS change_time double precision,
    ADD COLUMN IF NOT EXISTS duty_cycle  numeric;
COMMENT ON COLUMN etl.operation_worker.change_time IS 'Milliseconds that a row takes which is changed: a moving average over its batches that changed most of their rows.';
COMMENT ON COLUMN etl.operation_worker.duty_cycle IS 'max_duty_cycle under which row_time and change_time were measured; NULL: there was no limit.';
