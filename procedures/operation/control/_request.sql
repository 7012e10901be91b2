CREATE OR REPLACE FUNCTION etl._request(
    p_execution_id uuid,
    p_request      text,
    p_reason       text
) RETURNS TABLE (execution_id uuid, status text, message text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_request$
-- Asks an operation to pause or to cancel. Its workers leave after the batch they are in; where
-- none is alive the request is carried out at once.
-- Locks: the control row, for a moment.
-- Tables: writes etl.operation_control, etl_execution_history, etl.audit_log.
-- Raises ME002, ME003.
-- SECURITY DEFINER: operators have no rights on the tables.
DECLARE
    v_status  text;
    v_settled text;
BEGIN
    IF p_request IS NULL OR p_request NOT IN ('pause', 'cancel') THEN
        RAISE EXCEPTION 'an operation cannot be asked to %', quote_nullable(p_request)
            USING ERRCODE = 'ME003',
                  DETAIL = 'It can be asked to pause or to cancel.',
                  HINT = 'SELECT * FROM etl.pause_operation(...), or etl.cancel_operation(...).';
    END IF;
    PERFORM etl._require_operation(p_execution_id);
    PERFORM FROM etl.operation_control c WHERE c.execution_id = p_execution_id FOR UPDATE;
    SELECT h.status INTO v_status
      FROM public.etl_execution_history h
     WHERE h.execution_id = p_execution_id;
    IF v_status NOT IN ('running', 'paused', 'interrupted')
       OR p_request = 'pause' AND v_status <> 'running' THEN
        RETURN QUERY SELECT p_execution_id, v_status,
                            format('nothing to %s: the operation is %s', p_request, v_status);
        RETURN;
    END IF;
    UPDATE etl.operation_control c
       SET request = p_request, request_reason = p_reason, requested_by = session_user
     WHERE c.execution_id = p_execution_id;
    PERFORM etl._audit(p_request, p_execution_id, h.target, p_reason,
                       jsonb_build_object('status', v_status))
       FROM public.etl_execution_history h WHERE h.execution_id = p_execution_id;
    IF etl._live_workers(p_execution_id) = 0 THEN
        v_settled := etl._settle_request(p_execution_id);
    END IF;
    RETURN QUERY SELECT p_execution_id, coalesce(v_settled, v_status),
        CASE WHEN v_settled IS NULL
             THEN format('asked to %s; its workers leave after their batch', p_request)
             ELSE format('%s at once: no worker is alive', v_settled) END;
END
$_request$;
COMMENT ON FUNCTION etl._request IS
    'Internal: asks an operation to pause or cancel.';
