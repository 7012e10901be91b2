CREATE OR REPLACE FUNCTION etl._correction_step(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    OUT wait   interval,
    OUT reason text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_correction_step$
-- One step of a correction or of a retry of its failed records: a batch, or, by one elected worker, a
-- change of phase. Phases: mapping, measuring, searching, correcting, sweeping. The others wait meanwhile.
-- A sweep counts first: blocks in which nothing is left, nearly all as a rule, are read once only.
-- wait, reason: how long, and why, the worker waits before its next step; NULL: it need not.
DECLARE
    r_fit    record;
    r_batch  etl.batch_claim;
BEGIN
    IF p_history.phase <> 'mapping' THEN
        IF p_history.phase IN ('correcting', 'sweeping') AND NOT etl._takes_turn(p_history) THEN
            wait := etl._patience(p_history);
            reason := 'another worker''s turn, since max_records_to_process is exact';
            RETURN;
        END IF;
        IF p_history.phase = 'correcting' AND etl._records_left(p_history) = 0 THEN
            UPDATE etl.operation_chunk
               SET next_item = end_item
             WHERE execution_id = p_history.execution_id AND pass = p_control.pass AND NOT is_done;
        END IF;
        r_batch := etl._claim_batch(p_control, p_worker);
        IF r_batch.chunk_number IS NOT NULL THEN
            IF p_history.phase = 'searching' THEN
                PERFORM etl._search_rows(p_history, p_control, p_worker, r_batch);
            END IF;
            IF p_history.phase IN ('measuring', 'searching') THEN
                PERFORM etl._finish_batch(p_control, p_worker, r_batch, 0, 0, 0, false,
                                          etl._batch_counts(p_history, p_control, p_worker, r_batch));
                RETURN;
            END IF;
            SELECT f.fitted, f.rows_left, f.counts INTO r_fit FROM etl._fit_batch(p_history, p_control, p_worker, r_batch) f;
            IF r_fit.rows_left = 0 THEN
                PERFORM etl._finish_batch(p_control, p_worker, r_fit.fitted, 0, 0, 0, p_history.phase = 'correcting',
                                          CASE WHEN p_history.phase = 'sweeping' THEN r_fit.counts END);
            ELSE
                SELECT a.wait, a.reason INTO wait, reason
                  FROM etl._attempt_batch(p_history, p_control, p_worker, r_fit.fitted) a;
            END IF;
            RETURN;
        END IF;
    END IF;

    IF (r_batch.is_pass_done OR p_history.phase = 'mapping') AND etl._lead(p_history, p_control) THEN
        SELECT h.* INTO p_history FROM public.etl_execution_history h WHERE h.execution_id = p_history.execution_id;
        CASE p_history.phase
            WHEN 'mapping' THEN
                PERFORM etl._prepare_correction(p_history);
                PERFORM etl._record_forecast(p_history);
            WHEN 'measuring' THEN PERFORM etl._plan_correction(p_history);
            WHEN 'searching' THEN wait := etl._end_search(p_history, p_control);
            WHEN 'correcting' THEN wait := etl._plan_sweep(p_history, p_control);
            WHEN 'sweeping' THEN wait := etl._plan_sweep(p_history, p_control);
        END CASE;
        reason := 'rows that other sessions hold';
    ELSE
        wait := etl._patience(p_history);
        reason := 'other workers to end the phase';
    END IF;
END
$_correction_step$;
COMMENT ON FUNCTION etl._correction_step(public.etl_execution_history, etl.operation_control, etl.operation_worker) IS
    'Internal: one step of a correction.';
