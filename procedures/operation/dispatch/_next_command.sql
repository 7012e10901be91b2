CREATE OR REPLACE FUNCTION etl._next_command(
    p_history public.etl_execution_history,
    OUT command text
)
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_next_command$
-- Hook: what one would do next about an operation that has ended by itself; NULL: nothing special.
BEGIN
    CASE etl._works_on(p_history.operation)
        WHEN 'target' THEN command := etl._next_command_on_target(p_history);
        WHEN 'platform', 'backups' THEN command := NULL;
    END CASE;
END
$_next_command$;
COMMENT ON FUNCTION etl._next_command IS
    'Internal: hook for the next command about an operation that has ended.';
