CREATE OR REPLACE FUNCTION etl._bisect(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    p_rows    tid[],
    p_from    integer,
    p_to      integer,
    p_failed_before bigint,
    OUT changed    bigint,
    OUT failed     bigint,
    OUT next_row   integer,
    OUT is_aborted boolean
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_bisect$
-- Does the rows p_from to p_to of a batch of which at least one is refused: in halves, until the
-- bad row stands alone and becomes a failed record. One bad row among n costs 2 * log2(n)
-- statements. Where many are bad it stops after twice the time of a batch, so that it can be
-- paused, and leaves the rest to the next one; some jobs at the end of a block only, for they would
-- meet again what they have done.
-- p_failed_before: rows of this batch already found bad.
-- next_row: the first that was not tried; p_to + 1: all were.
-- is_aborted: the share of bad rows passed max_error_rate; the rest was not tried.
DECLARE
    v_middle   constant integer := (p_from + p_to - 1) / 2;
    v_to       integer;
    v_sqlstate text;
    v_message  text;
    r_half     record;
BEGIN
    changed := 0;
    failed := 0;
    next_row := p_from;
    is_aborted := false;
    WHILE next_row <= p_to LOOP
        v_to := CASE WHEN next_row = p_from AND p_to > p_from THEN v_middle ELSE p_to END;
        v_sqlstate := NULL;
        BEGIN
            changed := changed + etl._change_rows(p_history, p_control, p_worker, p_batch,
                                                  p_rows[next_row : v_to]);
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS v_sqlstate = RETURNED_SQLSTATE, v_message = MESSAGE_TEXT;
            IF etl._error_class(v_sqlstate) <> 'row' THEN
                RAISE;
            END IF;
        END;
        IF v_sqlstate IS NULL THEN
            next_row := v_to + 1;
        ELSIF v_to > next_row THEN
            SELECT b.changed, b.failed, b.next_row, b.is_aborted INTO r_half
              FROM etl._bisect(p_history, p_control, p_worker, p_batch, p_rows,
                               next_row, v_to, p_failed_before + failed) b;
            changed := changed + r_half.changed;
            failed := failed + r_half.failed;
            next_row := r_half.next_row;
            is_aborted := r_half.is_aborted;
            EXIT WHEN next_row <= v_to;
        ELSE
            PERFORM etl._record_failure(p_history, p_batch, p_rows[next_row], v_sqlstate,
                                        v_message);
            failed := failed + 1;
            next_row := v_to + 1;
            is_aborted := p_history.records_failed + p_failed_before + failed
                          > p_control.max_error_rate / 100
                            * greatest(1000, p_history.records_processed
                                             + greatest(p_batch.rows_expected,
                                                        cardinality(p_rows)));
        END IF;
        EXIT WHEN is_aborted
                  OR p_failed_before + failed > 0
                     AND clock_timestamp() > transaction_timestamp()
                                             + 2 * p_control.target_batch_time
                     AND (etl._end_before(p_batch, p_rows, next_row) > p_batch.first_item
                          OR NOT (SELECT j.keeps_blocks FROM etl._jobs() j
                                   WHERE j.operation = p_history.operation));
    END LOOP;
END
$_bisect$;
COMMENT ON FUNCTION etl._bisect IS
    'Internal: does the good rows of a batch and records those that are refused.';
