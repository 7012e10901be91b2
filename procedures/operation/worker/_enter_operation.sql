CREATE OR REPLACE FUNCTION etl._enter_operation(
    p_execution_id uuid,
    p_is_joining   boolean DEFAULT false,
    p_timeout      interval DEFAULT NULL
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_enter_operation$
-- Makes this session a worker of an operation, resuming one that has stopped before its end.
-- p_is_joining: only help where others work; never take up again what somebody paused or cancelled.
-- p_timeout: new time limit of a resumed operation; NULL: as before.
-- Returns the worker's number; NULL: nothing left to do, the history row tells how it ended.
-- Locks: the control row.
-- Tables: writes etl.operation_worker, etl.operation_control, etl_execution_history, etl.audit_log.
-- Raises ME001, ME002, ME003, ME005, ME007, ME008, ME010, 42501.
-- SECURITY DEFINER: operators have no rights on the tables.
DECLARE
    r_history  public.etl_execution_history;
    r_control  etl.operation_control;
    v_is_new   boolean;
    v_worker   integer;
BEGIN
    r_history := etl._require_operation(p_execution_id);
    PERFORM etl._check_options(jsonb_strip_nulls(jsonb_build_object('timeout', p_timeout)));
    PERFORM etl._require_job(r_history.operation);
    PERFORM etl._require_role(r_history);
    SELECT c.* INTO r_control
      FROM etl.operation_control c
     WHERE c.execution_id = p_execution_id
       FOR UPDATE;
    SELECT h.* INTO r_history
      FROM public.etl_execution_history h
     WHERE h.execution_id = p_execution_id;
    PERFORM etl._check_session(coalesce(p_timeout, r_control.timeout),
                               r_control.limits ? 'allowed_hours');

    IF r_history.status IN ('completed', 'completed_with_errors',
                            'rolled_back', 'partially_rolled_back') THEN
        RETURN NULL;
    END IF;

    v_is_new := NOT EXISTS (SELECT FROM etl.operation_worker w
                             WHERE w.execution_id = p_execution_id);
    IF NOT v_is_new AND etl._effective_status(p_execution_id, r_history.status) <> 'running' THEN
        IF p_is_joining AND r_history.status NOT IN ('running', 'interrupted') THEN
            RETURN NULL;
        END IF;
        PERFORM etl._prepare_resume(r_history);
        PERFORM etl._claim_target(r_history.target, p_execution_id);
        PERFORM etl._mark_interrupted(p_execution_id);
        BEGIN
            UPDATE public.etl_execution_history
               SET status = 'running', finished_at = NULL, error_code = NULL, error_message = NULL,
                   error_detail = NULL, error_hint = NULL
             WHERE execution_id = p_execution_id;
        EXCEPTION WHEN unique_violation THEN
            PERFORM etl._claim_target(r_history.target, p_execution_id);
            RAISE;
        END;
        UPDATE etl.operation_control
           SET request = 'run', request_reason = NULL, requested_by = NULL,
               error_code = NULL, error_message = NULL, error_detail = NULL, error_hint = NULL,
               closed_since = NULL,
               timeout = coalesce(p_timeout, timeout),
               deadline = clock_timestamp() + coalesce(p_timeout, timeout)
         WHERE execution_id = p_execution_id;
        PERFORM etl._audit('resume', p_execution_id, r_history.target, NULL,
                           jsonb_build_object('status', r_history.status), NULL);
    ELSIF NOT v_is_new THEN
        PERFORM etl._audit('join', p_execution_id, r_history.target);
    END IF;

    UPDATE etl.operation_control
       SET last_batch_number = 1 + greatest(last_batch_number, etl._batches_before(r_history))
     WHERE execution_id = p_execution_id
    RETURNING * INTO r_control;
    INSERT INTO etl.operation_worker (execution_id, worker_number, batch_number, batch_rows)
    SELECT p_execution_id, coalesce(max(w.worker_number), 0) + 1, r_control.last_batch_number,
           r_control.batch_size
      FROM etl.operation_worker w
     WHERE w.execution_id = p_execution_id
    RETURNING worker_number INTO v_worker;
    RETURN v_worker;
END
$_enter_operation$;
COMMENT ON FUNCTION etl._enter_operation IS
    'Internal: makes the session a worker of an operation; NULL where the operation has ended.';
