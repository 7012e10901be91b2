CREATE OR REPLACE FUNCTION etl._correction_batch(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    OUT wait   interval,
    OUT reason text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_correction_batch$
-- Does a claimed batch of a correction or of a retry of its failed records. In the phase measuring
-- its blocks are counted, in searching they are searched for empty values, in correcting and
-- sweeping their rows are changed. A sweep counts first: blocks in which nothing is left, nearly
-- all as a rule, are read once only.
-- wait, reason: how long, and why, the worker waits before its next step; NULL: it need not.
DECLARE
    r_fit record;
BEGIN
    IF p_history.phase = 'measuring' THEN
        PERFORM etl._finish_batch(p_control, p_worker, p_batch, 0, 0, 0, false,
                                  (etl._count_batch(p_history, p_control, p_worker,
                                                    p_batch)).counts);
        RETURN;
    ELSIF p_history.phase = 'searching' THEN
        PERFORM etl._search_rows(p_history, p_control, p_worker, p_batch);
        PERFORM etl._finish_batch(p_control, p_worker, p_batch, 0, 0, 0, false);
        RETURN;
    ELSIF NOT etl._takes_turn(p_history) THEN
        wait := etl._poll_interval(p_history);
        reason := 'another worker''s turn, since max_records_to_process is exact';
        RETURN;
    ELSIF p_history.phase = 'correcting' AND etl._records_left(p_history) = 0 THEN
        UPDATE etl.operation_chunk
           SET next_item = end_item
         WHERE execution_id = p_history.execution_id AND pass = p_control.pass AND NOT is_done;
        RETURN;
    END IF;

    SELECT f.fitted, f.rows_left, f.counts INTO r_fit
      FROM etl._fit_batch(p_history, p_control, p_worker, p_batch) f;
    IF r_fit.rows_left = 0 THEN
        PERFORM etl._finish_batch(p_control, p_worker, r_fit.fitted, 0, 0, 0,
                                  p_history.phase = 'correcting',
                                  CASE WHEN p_history.phase = 'sweeping' THEN r_fit.counts END);
    ELSE
        SELECT a.wait, a.reason INTO wait, reason
          FROM etl._attempt_batch(p_history, p_control, p_worker, r_fit.fitted,
                                  p_history.phase = 'sweeping' AND p_batch.row_locations IS NULL) a;
    END IF;
END
$_correction_batch$;
COMMENT ON FUNCTION etl._correction_batch IS
    'Internal: does a batch of a correction.';
