CREATE OR REPLACE FUNCTION etl._setting_columns() RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_setting_columns$
-- Columns of etl.operation_control that hold the settings which every operation has, as the options
-- are called. What only limits its load is in the column limits, see etl._limits().
SELECT ARRAY['timeout', 'batch_size', 'adaptive', 'target_batch_time', 'lock_timeout',
             'pause_between_batches', 'max_retries', 'max_error_rate']
$_setting_columns$;
COMMENT ON FUNCTION etl._setting_columns IS
    'Internal: settings of an operation, as columns of etl.operation_control.';
