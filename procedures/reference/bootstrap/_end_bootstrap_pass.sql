CREATE OR REPLACE FUNCTION etl._end_bootstrap_pass(
    p_history public.etl_execution_history,
    p_control etl.operation_control
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_end_bootstrap_pass$
-- Plans the next component of a bootstrap, or finishes it.
BEGIN
    IF NOT etl._plan_bootstrap_pass(p_history, (p_control.pass + 1)::smallint) THEN
        PERFORM etl._finish_platform_job(p_history, etl._bootstrap_result(p_history));
    END IF;
END
$_end_bootstrap_pass$;
COMMENT ON FUNCTION etl._end_bootstrap_pass IS
    'Internal: next component of a bootstrap, or its end.';
