CREATE OR REPLACE FUNCTION etl._takes_turn(p_history public.etl_execution_history) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_takes_turn$
-- Under max_records_to_process, whose limit is exact, only one worker at a time changes rows:
-- whether it is this one. True without that limit.
-- Locks: with the limit, the control row until the batch commits.
BEGIN
    IF p_history.parameters ->> 'max_records_to_process' IS NULL THEN
        RETURN true;
    END IF;
    PERFORM FROM etl.operation_control c
      WHERE c.execution_id = p_history.execution_id
        FOR UPDATE SKIP LOCKED;
    RETURN FOUND;
END
$_takes_turn$;
COMMENT ON FUNCTION etl._takes_turn IS
    'Internal: whether a worker may change rows now, under a limit of records.';
