CREATE OR REPLACE FUNCTION etl._job_options(p_operation text, p_options jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_job_options$
-- Options of an operation, with the defaults of those settings that its routine does not offer.
SELECT jsonb_build_object(
    'timeout', (SELECT j.default_timeout FROM etl._jobs() j WHERE j.operation = p_operation),
    'batch_size', 1000, 'adaptive', true, 'target_batch_time', '500 ms',
    'lock_timeout', '2 s', 'max_retries', 3, 'max_error_rate', 100,
    'pause_between_batches', '0') || p_options
$_job_options$;
COMMENT ON FUNCTION etl._job_options IS
    'Internal: options of a job, completed by the defaults of the kernel.';
