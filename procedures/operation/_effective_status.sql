CREATE OR REPLACE FUNCTION etl._effective_status(p_execution_id uuid, p_status text) RETURNS text
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $_effective_status$
-- The status as evidence shows it: an operation that runs without a live worker is interrupted.
SELECT CASE WHEN p_status = 'running' AND etl._live_workers(p_execution_id) = 0
            THEN 'interrupted' ELSE p_status END
$_effective_status$;
COMMENT ON FUNCTION etl._effective_status IS
    'Internal: status of an operation, interrupted where it runs without a live worker.';
