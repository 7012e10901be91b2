CREATE OR REPLACE FUNCTION etl._rollback_step(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    OUT wait   interval,
    OUT reason text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_rollback_step$
-- One step of a rollback: a batch, or, by one elected worker, a change of phase. Phases: checking
-- (on_conflict => 'abort' only), restoring, sweeping (rows that other sessions held).
-- wait, reason: how long, and why, the worker waits before its next step; NULL: it need not.
DECLARE
    r_batch etl.batch_claim;
BEGIN
    r_batch := etl._claim_batch(p_control, p_worker);
    IF r_batch.chunk_number IS NOT NULL AND p_history.phase = 'checking' THEN
        PERFORM etl._finish_batch(p_control, p_worker, r_batch, 0, 0, 0, false,
                                  etl._count_conflicts(p_history, r_batch, etl._rest_clause(p_control, p_worker)));
    ELSIF r_batch.chunk_number IS NOT NULL THEN
        SELECT (f.fitted).* INTO r_batch FROM etl._fit_batch(p_history, p_control, p_worker, r_batch) f;
        SELECT a.wait, a.reason INTO wait, reason
          FROM etl._attempt_batch(p_history, p_control, p_worker, r_batch) a;
    ELSIF r_batch.is_pass_done AND etl._lead(p_history, p_control) THEN
        SELECT h.* INTO p_history FROM public.etl_execution_history h WHERE h.execution_id = p_history.execution_id;
        IF p_history.phase = 'checking' THEN
            PERFORM etl._plan_restore(p_history);
        ELSE
            wait := etl._plan_held_rows(p_history, p_control);
            reason := 'rows that other sessions hold';
        END IF;
    ELSE
        wait := etl._patience(p_history);
        reason := 'other workers to end the phase';
    END IF;
END
$_rollback_step$;
COMMENT ON FUNCTION etl._rollback_step(public.etl_execution_history, etl.operation_control, etl.operation_worker) IS
    'Internal: one step of a rollback.';
