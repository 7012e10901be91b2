-- Batches sized by a moving average, and limits under which an operation slows down or waits.
--
-- depends: 0003_corrections

SET LOCAL lock_timeout = '10s';

-- Workers lock their own row first: so this waits for a batch to end, and none runs into a deadlock.
ALTER TABLE etl.operation_worker
    ADD COLUMN IF NOT EXISTS row_time     double precision,
    ADD COLUMN IF NOT EXISTS looked_at    timestamptz NOT NULL DEFAULT '-infinity',
    ADD COLUMN IF NOT EXISTS wal_position pg_lsn;
COMMENT ON COLUMN etl.operation_worker.row_time IS 'Milliseconds that a row takes in this pass: a moving average over its batches.';
COMMENT ON COLUMN etl.operation_worker.looked_at IS 'When it last looked at the load of the server.';
COMMENT ON COLUMN etl.operation_worker.wal_position IS 'Where the WAL stood when its last transaction began.';

ALTER TABLE etl.operation_control
    ADD COLUMN IF NOT EXISTS max_slot_lag     text,
    ADD COLUMN IF NOT EXISTS max_wal_rate     text,
    ADD COLUMN IF NOT EXISTS max_dead_rows    numeric,
    ADD COLUMN IF NOT EXISTS max_snapshot_age interval,
    ADD COLUMN IF NOT EXISTS allowed_hours    text,
    ADD COLUMN IF NOT EXISTS wal_position     pg_lsn,
    ADD COLUMN IF NOT EXISTS wal_paid_at      timestamptz,
    ADD COLUMN IF NOT EXISTS closed_since     timestamptz;
COMMENT ON COLUMN etl.operation_control.max_slot_lag IS 'Workers wait while a replication slot retains more WAL, such as 10 GB; NULL: no limit.';
COMMENT ON COLUMN etl.operation_control.max_wal_rate IS 'WAL that batches may write a second, such as 20 MB; NULL: no limit.';
COMMENT ON COLUMN etl.operation_control.max_dead_rows IS 'Workers slow down while more than this percentage of the fact table is dead; NULL: no limit.';
COMMENT ON COLUMN etl.operation_control.max_snapshot_age IS 'Workers wait while a transaction that holds back vacuum is older; NULL: no limit.';
COMMENT ON COLUMN etl.operation_control.allowed_hours IS 'Hours in which workers work, with their time zone; outside they wait. NULL: always.';
COMMENT ON COLUMN etl.operation_control.wal_position IS 'WAL up to here has been charged to max_wal_rate.';
COMMENT ON COLUMN etl.operation_control.wal_paid_at IS 'When the WAL written so far is within max_wal_rate again: the next batch waits until then.';
COMMENT ON COLUMN etl.operation_control.closed_since IS 'Since when the workers wait for allowed_hours; this time is added to the deadline. NULL: they do not.';
