SET LOCAL lock_timeout = '10s';
ALTER TABLE IF EXISTS etl.operation_control
    DROP COLUMN IF EXISTS max_duty_cycle;
ALTER TABLE IF EXISTS etl.operation_worker
    DROP COLUMN IF EXISTS changed_at;
