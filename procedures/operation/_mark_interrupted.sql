CREATE OR REPLACE FUNCTION etl._mark_interrupted(p_execution_id uuid) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_mark_interrupted$
-- Writes down that all workers of an operation are dead. The caller has the evidence.
BEGIN
    UPDATE public.etl_execution_history
       SET status = 'interrupted'
     WHERE execution_id = p_execution_id AND status = 'running';
    UPDATE etl.operation_worker
       SET left_at = clock_timestamp(), left_because = 'lost'
     WHERE execution_id = p_execution_id AND left_at IS NULL;
END
$_mark_interrupted$;
COMMENT ON FUNCTION etl._mark_interrupted IS
    'Internal: marks an operation without a live worker as interrupted.';
