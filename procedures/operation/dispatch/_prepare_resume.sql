CREATE OR REPLACE FUNCTION etl._prepare_resume(p_history public.etl_execution_history)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_prepare_resume$
-- Hook: makes an operation that has stopped ready to be taken up again; raises where it cannot be.
-- No worker is alive, and the control row is locked.
BEGIN
    CASE etl._works_on(p_history.operation)
        WHEN 'target' THEN PERFORM etl._prepare_resume_on_target(p_history);
        WHEN 'platform', 'backups' THEN NULL;
    END CASE;
END
$_prepare_resume$;
COMMENT ON FUNCTION etl._prepare_resume IS
    'Internal: hook that makes a stopped operation ready to be taken up again.';
