SET LOCAL lock_timeout = '10s';
ALTER TABLE IF EXISTS etl.operation_worker
    DROP COLUMN IF EXISTS duty_cycle,
    DROP COLUMN IF EXISTS change_time;
