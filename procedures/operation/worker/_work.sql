CREATE OR REPLACE FUNCTION etl._work(
    p_execution_id  uuid,
    p_worker_number integer,
    OUT is_over     boolean,
    OUT must_wait   boolean
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_work$
-- One step of a worker, in one transaction: take the lock that shows it is alive, see what is asked
-- of the operation, and do one batch or one change of phase.
-- A session works for its own workers only.
-- is_over: the worker has left.
-- must_wait: sleep with etl._wait() before the next step.
-- SECURITY DEFINER: operators have no rights on the tables.
DECLARE
    r_worker  etl.operation_worker;
    r_control etl.operation_control;
    r_history public.etl_execution_history;
    r_now     record;
    r_throttle record;
    v_reason  text;
    v_wait    interval;
    v_left    text;
    v_sqlstate text;
    v_message  text;
    v_detail   text;
    v_hint     text;
BEGIN
    UPDATE etl.operation_worker
       SET heartbeat_at = clock_timestamp(), waiting_for = NULL, wait_until = NULL,
           wal_position = pg_current_wal_insert_lsn()
     WHERE execution_id = p_execution_id AND worker_number = p_worker_number AND left_at IS NULL
       AND backend_pid = pg_backend_pid()
    RETURNING * INTO r_worker;
    IF NOT FOUND THEN  -- taken for dead: the operation goes on, or has ended, without this worker
        is_over := true;
        must_wait := false;
        RETURN;
    END IF;
    -- Both in one statement: a phase that changes in between would leave them at odds.
    SELECT h AS history, c AS control INTO r_now
      FROM public.etl_execution_history h
      JOIN etl.operation_control c USING (execution_id)
     WHERE h.execution_id = p_execution_id;
    r_history := r_now.history;
    r_control := r_now.control;

    v_left := CASE
        WHEN r_history.status <> 'running' THEN 'finished'
        WHEN r_control.request = 'pause' THEN 'paused'
        WHEN r_control.request = 'cancel' THEN 'cancelled'
        WHEN r_control.request = 'stop' THEN 'stopped'
        WHEN r_control.deadline < clock_timestamp() AND r_control.closed_since IS NULL
        THEN 'timed_out' END;
    IF v_left IS NOT NULL THEN
        PERFORM etl._leave(r_history, p_worker_number, v_left);
        is_over := true;
        must_wait := false;
        RETURN;
    END IF;
    is_over := false;

    -- A crash may lose the last batches, never tear one; the last transaction waits for the disk.
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM set_config('jit', 'off', true);  -- compiling takes longer than a batch
    -- Without it every batch would read the whole table.
    PERFORM set_config('enable_tidscan', 'on', true);
    PERFORM etl._set_lock_timeout(r_control.lock_timeout);

    SELECT t.wait, t.reason, t.is_slow INTO r_throttle
      FROM etl._throttle(r_history, r_control, r_worker) t;
    IF r_throttle.wait IS NULL OR r_throttle.is_slow THEN
        BEGIN
            SELECT s.wait, s.reason INTO v_wait, v_reason
              FROM etl._step(r_history, r_control, r_worker) s;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS
                v_sqlstate = RETURNED_SQLSTATE, v_message = MESSAGE_TEXT,
                v_detail = PG_EXCEPTION_DETAIL, v_hint = PG_EXCEPTION_HINT;
        END;
        IF v_sqlstate IS NOT NULL THEN
            SELECT e.wait, e.reason INTO v_wait, v_reason
              FROM etl._handle_error(r_history, r_control, r_worker,
                                     v_sqlstate, v_message, v_detail, v_hint) e;
        END IF;
    END IF;
    IF r_throttle.wait > coalesce(v_wait, interval '0') THEN
        v_wait := r_throttle.wait;
        v_reason := r_throttle.reason;
    END IF;

    must_wait := coalesce(v_wait > interval '0', false);
    IF must_wait THEN
        UPDATE etl.operation_worker
           SET waiting_for = v_reason, wait_until = clock_timestamp() + v_wait
         WHERE execution_id = p_execution_id AND worker_number = p_worker_number;
    END IF;
    PERFORM etl._notify_progress(r_worker);
END
$_work$;
COMMENT ON FUNCTION etl._work IS
    'Internal: one step of a worker.';
