CREATE OR REPLACE FUNCTION etl._plan_next_pass(p_history public.etl_execution_history, p_pass smallint) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_plan_next_pass$
-- Lets the job plan its next pass. Returns whether there is one.
BEGIN
    RETURN CASE p_history.operation
        WHEN 'undo' THEN etl._plan_undo_pass(p_history, p_pass)
        WHEN 'bootstrap' THEN etl._plan_bootstrap_pass(p_history, p_pass)
        WHEN 'sync' THEN etl._plan_sync(p_history, p_pass)
        WHEN 'cleanup' THEN etl._plan_cleanup(p_history, p_pass)
        ELSE false END;
END
$_plan_next_pass$;
COMMENT ON FUNCTION etl._plan_next_pass(public.etl_execution_history, smallint) IS
    'Internal: plans the next pass of a job on the platform''s small tables.';
