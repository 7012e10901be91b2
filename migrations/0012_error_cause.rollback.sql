SET LOCAL lock_timeout = '10s';
ALTER TABLE IF EXISTS etl.operation_control
    DROP COLUMN IF EXISTS error_hint,
    DROP COLUMN IF EXISTS error_detail;
ALTER TABLE IF EXISTS public.etl_execution_history
    DROP COLUMN IF EXISTS error_hint,
    DROP COLUMN IF EXISTS error_detail;
