CREATE OR REPLACE FUNCTION etl._attempt_batch(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    OUT wait   interval,
    OUT reason text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_attempt_batch$
-- Does one claimed batch and checkpoints it, or finds out what is wrong with it:
-- a conflict with another session is tried again later, a row that is refused is found by bisection
-- and quarantined while the rest of the batch is done, anything else ends the operation.
-- wait, reason: how long, and why, the worker waits before its next step; NULL: it need not.
DECLARE
    v_batch      etl.batch_claim := p_batch;
    v_changed    bigint;
    v_failed     bigint;
    v_is_aborted boolean := false;
    v_bisects    boolean;
    v_class      text;
    v_sqlstate   text;
    v_message    text;
BEGIN
    FOREACH v_bisects IN ARRAY ARRAY[false, true] LOOP
        v_class := NULL;
        v_changed := 0::bigint;
        v_failed := 0::bigint;
        BEGIN
            IF v_bisects THEN
                SELECT b.changed, b.failed, b.is_aborted INTO v_changed, v_failed, v_is_aborted
                  FROM etl._bisect(p_history, p_control, p_worker, p_batch,
                                   etl._batch_rows(p_history, p_batch), 0) b;
            ELSE
                v_changed := etl._apply_batch(p_history, p_control, p_worker, p_batch, p_batch.row_locations);
            END IF;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS v_sqlstate = RETURNED_SQLSTATE, v_message = MESSAGE_TEXT;
            v_class := etl._error_class(v_sqlstate);
        END;
        EXIT WHEN v_class IS DISTINCT FROM 'row';
    END LOOP;

    IF v_class IS NULL THEN
        IF v_is_aborted THEN
            v_batch.end_item := v_batch.first_item;  -- what was not tried is left to a resumed run
            PERFORM etl._request_stop(p_history.execution_id, 'ME009', format(
                'more than %s %% of the rows failed', p_control.max_error_rate));
        END IF;
        PERFORM etl._finish_batch(p_control, p_worker, v_batch, v_changed, 0, v_failed,
                                  p_history.phase <> 'sweeping' OR v_changed + v_failed > 0,
                                  etl._batch_counts(p_history, p_batch));
        wait := nullif(p_control.pause_between_batches, interval '0');
        reason := 'pause between batches';
    ELSIF v_class = 'conflict' AND p_worker.attempts < p_control.max_retries THEN
        UPDATE etl.operation_worker
           SET attempts = attempts + 1, skip_locked = 16
         WHERE execution_id = p_history.execution_id AND worker_number = p_worker.worker_number;
        UPDATE public.etl_execution_history
           SET retries = retries + 1
         WHERE execution_id = p_history.execution_id;
        wait := interval '50 ms' * power(2, p_worker.attempts) * (0.5 + random());
        reason := format('retry %s of %s after %s: %s', p_worker.attempts + 1, p_control.max_retries, v_sqlstate, v_message);
    ELSE
        SELECT e.error_code, e.message INTO v_sqlstate, v_message
          FROM etl._explain_error(p_history, v_sqlstate, v_message) e;
        PERFORM etl._request_stop(p_history.execution_id, v_sqlstate, v_message);
    END IF;
END
$_attempt_batch$;
COMMENT ON FUNCTION etl._attempt_batch(public.etl_execution_history, etl.operation_control, etl.operation_worker, etl.batch_claim) IS
    'Internal: does and checkpoints a batch, retries it later, quarantines bad rows, or stops the operation.';
