CREATE OR REPLACE FUNCTION etl._attempt_batch(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    p_is_counted boolean DEFAULT false,
    OUT wait   interval,
    OUT reason text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_attempt_batch$
-- Does one claimed batch and checkpoints it. Where a row of it is refused, that row is found by
-- bisection and recorded, and the rest is done. Any other error is passed on.
-- p_is_counted: afterwards its blocks are counted, see etl._count_batch().
-- wait, reason: how long, and why, the worker waits before its next step; NULL: it need not.
DECLARE
    v_batch      etl.batch_claim := p_batch;
    v_changed    bigint;
    v_failed     bigint := 0::bigint;
    v_rows       tid[];
    v_next_row   integer;
    v_is_in_the_way boolean;
    v_breath     constant interval := interval '50 ms';
    v_is_aborted boolean := false;
    v_is_refused boolean := false;
BEGIN
    -- A deferred check would refuse a row at COMMIT, where it is too late to find out which.
    SET CONSTRAINTS ALL IMMEDIATE;
    BEGIN
        v_changed := etl._change_rows(p_history, p_control, p_worker, p_batch,
                                      p_batch.row_locations);
    EXCEPTION WHEN OTHERS THEN
        IF etl._error_class(SQLSTATE) <> 'row' THEN
            RAISE;
        END IF;
        v_is_refused := true;
    END;
    IF v_is_refused THEN
        PERFORM etl._require_unchanged(p_history);
        v_rows := etl._batch_rows(p_history, p_batch);
        SELECT b.changed, b.failed, b.next_row, b.is_aborted
          INTO v_changed, v_failed, v_next_row, v_is_aborted
          FROM etl._bisect(p_history, p_control, p_worker, p_batch, v_rows,
                           1, cardinality(v_rows), 0) b;
        v_batch.end_item := etl._end_before(p_batch, v_rows, v_next_row);
        v_batch.rows_expected := greatest(1, p_batch.rows_expected
                                             * (v_batch.end_item - p_batch.first_item)
                                             / (p_batch.end_item - p_batch.first_item));
    END IF;
    PERFORM etl._set_lock_timeout(p_control.lock_timeout);

    IF v_is_aborted THEN
        v_batch.end_item := v_batch.first_item;  -- what was not tried is left to a resumed run
        PERFORM etl._request_stop(p_history.execution_id, 'ME009', format(
            'more than %s %% of the rows failed', p_control.max_error_rate));
    END IF;
    v_is_in_the_way := v_changed > 0 AND etl._blocked_sessions(p_history.execution_id) > 0;
    PERFORM etl._finish_batch(p_control, p_worker, v_batch, v_changed, 0, v_failed,
                              etl._phase_kind(p_history) <> 'sweeping' OR v_changed + v_failed > 0,
                              CASE WHEN p_is_counted
                                   THEN (etl._count_batch(p_history, p_control, p_worker,
                                                          v_batch)).counts END,
                              v_is_in_the_way);
    IF v_is_in_the_way THEN
        wait := v_breath;
        reason := 'sessions that waited for its locks to go first';
    END IF;
END
$_attempt_batch$;
COMMENT ON FUNCTION etl._attempt_batch IS
    'Internal: does and checkpoints a batch, and records those that are refused.';
