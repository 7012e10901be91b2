CREATE OR REPLACE FUNCTION etl._require_unchanged(p_history public.etl_execution_history)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_require_unchanged$
-- Hook: raises ME004 where the tables of a job were altered while it ran: then no row is to blame.
BEGIN
    CASE etl._works_on(p_history.operation)
        WHEN 'target' THEN PERFORM etl._require_target(p_history.target, false);
        WHEN 'platform', 'backups' THEN NULL;
    END CASE;
END
$_require_unchanged$;
COMMENT ON FUNCTION etl._require_unchanged IS
    'Internal: hook that raises where the tables of a job were altered.';
