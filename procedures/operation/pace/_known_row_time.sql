CREATE OR REPLACE FUNCTION etl._known_row_time(
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_time    double precision
) RETURNS double precision
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_known_row_time$
-- p_time, a time that the worker has measured, as it will be under the max_duty_cycle of now.
SELECT p_time * (coalesce(p_worker.duty_cycle, 100)
                 / coalesce((p_control.limits ->> 'max_duty_cycle')::numeric, 100)
                )::double precision
$_known_row_time$;
COMMENT ON FUNCTION etl._known_row_time IS
    'Internal: a measured time under the duty cycle of now.';
