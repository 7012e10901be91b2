CREATE OR REPLACE FUNCTION etl._batches_before(
    p_history public.etl_execution_history,
    OUT last_number integer
)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_batches_before$
-- Hook: highest batch number that an operation must not give again, because it shares its batches'
-- record with other operations; NULL: it shares none.
BEGIN
    CASE etl._works_on(p_history.operation)
        WHEN 'target' THEN last_number := etl._batches_in_backup(p_history);
        WHEN 'platform', 'backups' THEN last_number := NULL;
    END CASE;
END
$_batches_before$;
COMMENT ON FUNCTION etl._batches_before IS
    'Internal: hook for the batch numbers that other operations have given.';
