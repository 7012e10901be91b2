CREATE OR REPLACE FUNCTION etl._bisect(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    p_rows    tid[],
    p_failed_before bigint,
    OUT changed    bigint,
    OUT failed     bigint,
    OUT is_aborted boolean
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_bisect$
-- Does the rows of a batch of which at least one is refused: in halves, until the bad row stands
-- alone and goes to quarantine. One bad row among n costs 2 * log2(n) statements.
-- p_failed_before: rows of this batch already found bad.
-- is_aborted: the share of bad rows passed max_error_rate; the rest was not tried.
DECLARE
    v_middle   constant integer := cardinality(p_rows) / 2;
    v_half     tid[];
    v_sqlstate text;
    v_message  text;
    r_half     record;
BEGIN
    changed := 0;
    failed := 0;
    is_aborted := false;
    FOR v_number IN 1 .. CASE WHEN v_middle = 0 THEN cardinality(p_rows) ELSE 2 END LOOP
        v_half := CASE WHEN v_middle = 0 THEN p_rows
                       WHEN v_number = 1 THEN p_rows[1 : v_middle]
                       ELSE p_rows[v_middle + 1 :] END;
        v_sqlstate := NULL;
        BEGIN
            changed := changed + etl._apply_batch(p_history, p_control, p_worker, p_batch, v_half);
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS v_sqlstate = RETURNED_SQLSTATE, v_message = MESSAGE_TEXT;
            IF etl._error_class(v_sqlstate) <> 'row' THEN
                RAISE;
            END IF;
        END;
        IF v_sqlstate IS NULL THEN
            CONTINUE;
        ELSIF cardinality(v_half) > 1 THEN
            SELECT b.changed, b.failed, b.is_aborted INTO r_half
              FROM etl._bisect(p_history, p_control, p_worker, p_batch, v_half, p_failed_before + failed) b;
            changed := changed + r_half.changed;
            failed := failed + r_half.failed;
            is_aborted := r_half.is_aborted;
        ELSE
            PERFORM etl._record_failure(p_history, p_batch, v_half[1], v_sqlstate, v_message);
            failed := failed + 1;
            is_aborted := p_history.records_failed + p_failed_before + failed
                          > p_control.max_error_rate / 100 * greatest(1000, p_history.records_processed + p_batch.rows_expected);
        END IF;
        EXIT WHEN is_aborted;
    END LOOP;
END
$_bisect$;
COMMENT ON FUNCTION etl._bisect(public.etl_execution_history, etl.operation_control, etl.operation_worker, etl.batch_claim, tid[], bigint) IS
    'Internal: does the good rows of a batch and quarantines the bad ones.';
