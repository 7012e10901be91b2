CREATE OR REPLACE FUNCTION etl._live_workers(p_execution_id uuid, p_except integer DEFAULT NULL)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_live_workers$
-- Counts the workers of an operation that are alive: whose session exists and whose row is
-- locked. Between two transactions a live worker holds no lock for a moment, which is long where
-- the machine is busy: a free row is looked at for half a second, unless its session is seen to
-- be idle. The lock taken to look is given back at once, by undoing a subtransaction.
-- p_except: worker that is not counted (the caller itself).
-- Returns NULL where it cannot be told: on a standby or in a read-only session.
-- SECURITY DEFINER: locking a row needs more than a reader's rights.
DECLARE
    v_probes constant integer := 25;
    v_suspects integer[];
    v_alive    integer := 0;
    v_free     integer[];
BEGIN
    PERFORM pg_stat_clear_snapshot();  -- sessions as they are now, not at the start of it all
    SELECT array_agg(w.worker_number)
      INTO v_suspects
      FROM etl.operation_worker w
     WHERE w.execution_id = p_execution_id
       AND w.left_at IS NULL
       AND w.worker_number IS DISTINCT FROM p_except
       AND w.backend_pid <> pg_backend_pid()
       AND EXISTS (SELECT FROM pg_stat_activity a
                    WHERE a.pid = w.backend_pid AND coalesce(a.state, 'hidden') NOT LIKE 'idle%');
    IF v_suspects IS NULL THEN
        RETURN 0;
    END IF;
    IF current_setting('transaction_read_only')::boolean THEN
        RETURN NULL;
    END IF;

    FOR v_probe IN 1 .. v_probes LOOP
        BEGIN
            SELECT coalesce(array_agg(f.worker_number), '{}')
              INTO v_free
              FROM (SELECT w.worker_number
                      FROM etl.operation_worker w
                     WHERE w.execution_id = p_execution_id
                       AND w.worker_number = ANY (v_suspects)
                       FOR UPDATE SKIP LOCKED) f;
            RAISE EXCEPTION USING ERRCODE = 'ME000', MESSAGE = 'gives the locks back';
        EXCEPTION
            WHEN SQLSTATE 'ME000' THEN
                v_alive := v_alive + cardinality(v_suspects) - cardinality(v_free);
                v_suspects := v_free;
            WHEN serialization_failure THEN
                -- A caller in repeatable read: a row was written after its snapshot, by a live
                -- worker.
                v_alive := v_alive + cardinality(v_suspects);
                v_suspects := '{}';
        END;
        EXIT WHEN v_suspects = '{}';
        PERFORM pg_sleep(0.02);
    END LOOP;
    RETURN v_alive;
END
$_live_workers$;
COMMENT ON FUNCTION etl._live_workers IS
    'Internal: number of live workers of an operation; NULL where it cannot be told.';
