CREATE OR REPLACE FUNCTION etl._require_resumable(p_history public.etl_execution_history)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_require_resumable$
-- Hook: raises where an operation that has stopped cannot be taken up again.
BEGIN
    CASE etl._works_on(p_history.operation)
        WHEN 'target' THEN PERFORM etl._require_resumable_on_target(p_history);
        WHEN 'platform', 'backups' THEN NULL;
    END CASE;
END
$_require_resumable$;
COMMENT ON FUNCTION etl._require_resumable IS
    'Internal: hook that raises where a stopped operation cannot be taken up again.';
