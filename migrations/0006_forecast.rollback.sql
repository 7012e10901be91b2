SET LOCAL lock_timeout = '10s';
DROP TABLE IF EXISTS etl.operation_usage;
DROP TABLE IF EXISTS etl.trial;
ALTER TABLE public.etl_execution_history
    DROP COLUMN IF EXISTS actual,
    DROP COLUMN IF EXISTS forecast;
