CREATE OR REPLACE FUNCTION etl._rollback_batch(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    OUT wait   interval,
    OUT reason text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_rollback_batch$
-- Does a claimed batch of a rollback. In the phase checking its conflicts are counted, in restoring
-- and sweeping its rows get their old values.
-- wait, reason: how long, and why, the worker waits before its next step; NULL: it need not.
DECLARE
    r_batch etl.batch_claim;
BEGIN
    IF p_history.phase = 'checking' THEN
        PERFORM etl._finish_batch(p_control, p_worker, p_batch, 0, 0, 0, false,
                                  etl._count_conflicts(
                                      p_history, p_batch,
                                      etl._duty_cycle_expression(p_control, p_worker)));
        RETURN;
    END IF;
    SELECT (f.fitted).* INTO r_batch FROM etl._fit_batch(p_history, p_control, p_worker, p_batch) f;
    SELECT a.wait, a.reason INTO wait, reason
      FROM etl._attempt_batch(p_history, p_control, p_worker, r_batch) a;
END
$_rollback_batch$;
COMMENT ON FUNCTION etl._rollback_batch IS
    'Internal: does a batch of a rollback.';
