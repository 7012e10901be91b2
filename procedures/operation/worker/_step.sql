CREATE OR REPLACE FUNCTION etl._step(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    OUT wait   interval,
    OUT reason text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_step$
-- One step of every job: a batch; or, once a pass is done, its end by one elected worker, for which
-- the others wait.
-- wait, reason: how long, and why, the worker waits before its next step; NULL: it need not.
DECLARE
    r_batch etl.batch_claim;
BEGIN
    r_batch := etl._claim_batch(p_history, p_control, p_worker);
    IF r_batch.chunk_number IS NOT NULL THEN
        SELECT b.wait, b.reason INTO wait, reason
          FROM etl._work_on_batch(p_history, p_control, p_worker, r_batch) b;
    ELSIF r_batch.is_pass_done AND etl._elect_leader(p_history, p_control) THEN
        SELECT e.wait, e.reason INTO wait, reason
          FROM etl._end_pass(etl._require_operation(p_history.execution_id), p_control) e;
    ELSE
        wait := etl._poll_interval(p_history);
        reason := 'other workers to end the phase';
    END IF;
END
$_step$;
COMMENT ON FUNCTION etl._step IS
    'Internal: one step of a worker: a batch, or the end of a pass.';
