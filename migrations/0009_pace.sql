-- Pace: a limit for the share of time in which a session works, so that others get their turn at once,
-- and pauses that end when they are tuned.
--
-- depends: 0004_workload_limits

SET LOCAL lock_timeout = '10s';

ALTER TABLE etl.operation_worker
    ADD COLUMN IF NOT EXISTS changed_at timestamptz;
COMMENT ON COLUMN etl.operation_worker.changed_at IS 'When its last batch that changed rows, or met refused ones, ended: pause_between_batches counts from there.';

ALTER TABLE etl.operation_control
    ADD COLUMN IF NOT EXISTS max_duty_cycle numeric;
COMMENT ON COLUMN etl.operation_control.max_duty_cycle IS 'Percentage of the time that a session works on its rows; in between it rests for moments. NULL: no limit.';
