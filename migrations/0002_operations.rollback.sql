SET LOCAL lock_timeout = '10s';
DROP TABLE IF EXISTS etl.failed_record;
DROP TABLE IF EXISTS etl.operation_batch;
DROP TYPE IF EXISTS etl.batch_claim;
DROP TABLE IF EXISTS etl.operation_chunk;
DROP TABLE IF EXISTS etl.operation_worker;
DROP TABLE IF EXISTS etl.operation_control;
DROP TABLE IF EXISTS public.etl_execution_history;
