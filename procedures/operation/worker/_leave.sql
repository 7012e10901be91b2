CREATE OR REPLACE FUNCTION etl._leave(
    p_history       public.etl_execution_history,
    p_worker_number integer,
    p_because       text
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_leave$
-- Ends the part of one worker. The last live one of an operation that was asked to stop gives the
-- operation the status that goes with it.
-- Locks: the control row, so that two that leave at once do so one after the other.
BEGIN
    PERFORM FROM etl.operation_control WHERE execution_id = p_history.execution_id FOR UPDATE;
    IF p_because = 'timed_out' THEN
        UPDATE etl.operation_control
           SET request = 'stop', error_code = 'ME011',
               error_message = format('the operation did not end within %s', timeout)
         WHERE execution_id = p_history.execution_id AND request = 'run';
    END IF;
    UPDATE etl.operation_worker
       SET left_at = clock_timestamp(), left_because = p_because
     WHERE execution_id = p_history.execution_id AND worker_number = p_worker_number;

    IF p_because <> 'finished'
       AND etl._live_workers(p_history.execution_id, p_worker_number) = 0 THEN
        PERFORM etl._settle_request(p_history.execution_id);
    END IF;
    -- The last transaction of a stopping operation is as durable as that of a finished one.
    PERFORM set_config('synchronous_commit', 'on', true);
END
$_leave$;
COMMENT ON FUNCTION etl._leave IS
    'Internal: ends the part of one worker.';
