CREATE OR REPLACE FUNCTION etl._wait(p_execution_id uuid, p_worker_number integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_wait$
-- Sleeps towards the worker's wait_until, at most a second, so that no transaction is long, and not
-- at all once somebody asks the operation to stop. The worker's row stays locked: it is alive.
-- Returns whether there is more to wait.
DECLARE
    v_until timestamptz;
    v_slice constant double precision := 0.25::double precision;
BEGIN
    UPDATE etl.operation_worker
       SET heartbeat_at = clock_timestamp()
     WHERE execution_id = p_execution_id AND worker_number = p_worker_number
       AND backend_pid = pg_backend_pid()
    RETURNING wait_until INTO v_until;

    FOR v_round IN 1 .. 4 LOOP
        IF v_until IS NULL OR clock_timestamp() >= v_until OR EXISTS (
            SELECT FROM etl.operation_control c
             WHERE c.execution_id = p_execution_id
               AND (c.request <> 'run' OR c.deadline < clock_timestamp() AND c.closed_since IS NULL)
        ) THEN
            RETURN false;
        END IF;
        PERFORM pg_sleep(least(v_slice,
                               extract(epoch FROM v_until - clock_timestamp())::double precision));
    END LOOP;
    RETURN clock_timestamp() < v_until;
END
$_wait$;
COMMENT ON FUNCTION etl._wait IS
    'Internal: a worker''s sleep, at most a second; returns whether there is more to wait.';
