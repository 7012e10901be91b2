CREATE OR REPLACE FUNCTION etl._settle_request(p_execution_id uuid) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_settle_request$
-- Gives an operation without a live worker the status that was asked of it.
-- Returns its status.
DECLARE
    r_control etl.operation_control;
    v_status  text;
BEGIN
    SELECT c.* INTO r_control FROM etl.operation_control c WHERE c.execution_id = p_execution_id;
    UPDATE etl.operation_worker
       SET left_at = clock_timestamp(), left_because = 'lost'
     WHERE execution_id = p_execution_id AND left_at IS NULL;
    UPDATE public.etl_execution_history h
       SET status = CASE r_control.request
                        WHEN 'pause' THEN 'paused'
                        WHEN 'cancel' THEN 'cancelled'
                        ELSE CASE r_control.error_code WHEN 'ME011' THEN 'timed_out'
                                                       ELSE 'failed' END END,
           error_code = CASE r_control.request
                        WHEN 'cancel' THEN 'ME012' WHEN 'stop' THEN r_control.error_code END,
           error_message = CASE r_control.request
                        WHEN 'cancel' THEN format('cancelled by %s%s', r_control.requested_by,
                                                  coalesce(': ' || r_control.request_reason, ''))
                        WHEN 'stop' THEN r_control.error_message END,
           error_detail = CASE r_control.request WHEN 'stop' THEN r_control.error_detail END,
           error_hint = CASE r_control.request WHEN 'stop' THEN r_control.error_hint END,
           finished_at = CASE r_control.request WHEN 'pause' THEN NULL ELSE clock_timestamp() END,
           heartbeat_at = clock_timestamp()
     WHERE h.execution_id = p_execution_id
       AND r_control.request <> 'run'
       AND h.status IN ('running', 'paused', 'interrupted')
    RETURNING h.status INTO v_status;
    RETURN v_status;
END
$_settle_request$;
COMMENT ON FUNCTION etl._settle_request IS
    'Internal: turns the request to pause, cancel or stop into the status of the operation.';
