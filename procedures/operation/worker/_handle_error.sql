CREATE OR REPLACE FUNCTION etl._handle_error(
    p_history  public.etl_execution_history,
    p_control  etl.operation_control,
    p_worker   etl.operation_worker,
    p_sqlstate text,
    p_message  text,
    p_detail   text,
    p_hint     text,
    OUT wait   interval,
    OUT reason text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_handle_error$
-- A step failed and is undone. A conflict with another session is tried again, after a pause that
-- doubles with each attempt. The next batches pass over rows that others hold. Anything else ends
-- the operation.
-- wait, reason: how long, and why, the worker waits before its next step; NULL: it need not.
DECLARE
    v_first   constant interval := interval '50 ms';
    v_longest constant interval := interval '5 s';
    v_batches_without_waiting constant integer := 16;
    v_error   record;
BEGIN
    SELECT e.error_code, e.message, nullif(e.detail, '') AS detail, nullif(e.hint, '') AS hint
      INTO v_error
      FROM etl._explain_error(p_history, p_sqlstate, p_message, p_detail, p_hint) e;
    IF etl._error_class(v_error.error_code) = 'conflict'
       AND p_worker.attempts < p_control.max_retries THEN
        UPDATE etl.operation_worker
           SET attempts = attempts + 1, skip_locked = v_batches_without_waiting
         WHERE execution_id = p_history.execution_id AND worker_number = p_worker.worker_number;
        UPDATE public.etl_execution_history
           SET retries = retries + 1
         WHERE execution_id = p_history.execution_id;
        -- At random, so that sessions that met once do not meet again.
        wait := least(v_first * power(2, least(p_worker.attempts, 10)) * (0.5 + random()),
                      v_longest);
        reason := format('retry %s of %s after %s: %s', p_worker.attempts + 1,
                         p_control.max_retries, p_sqlstate, p_message);
        RETURN;
    END IF;
    PERFORM etl._request_stop(p_history.execution_id, v_error.error_code, v_error.message,
                              v_error.detail, v_error.hint);
END
$_handle_error$;
COMMENT ON FUNCTION etl._handle_error IS
    'Internal: retries a failed step later, or ends the operation.';
