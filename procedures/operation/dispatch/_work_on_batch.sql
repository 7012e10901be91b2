CREATE OR REPLACE FUNCTION etl._work_on_batch(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    OUT wait   interval,
    OUT reason text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_work_on_batch$
-- Hook: what a job does with a batch that a worker has claimed, its checkpoint included.
-- wait, reason: how long, and why, the worker waits before its next step; NULL: it need not.
BEGIN
    CASE p_history.operation
        WHEN 'correction', 'retry' THEN
            SELECT b.wait, b.reason INTO wait, reason
              FROM etl._correction_batch(p_history, p_control, p_worker, p_batch) b;
        WHEN 'rollback' THEN
            SELECT b.wait, b.reason INTO wait, reason
              FROM etl._rollback_batch(p_history, p_control, p_worker, p_batch) b;
        WHEN 'purge' THEN
            PERFORM etl._purge_batch(p_history, p_control, p_worker, p_batch);
        WHEN 'bootstrap', 'sync', 'cleanup', 'undo' THEN
            SELECT b.wait, b.reason INTO wait, reason
              FROM etl._attempt_batch(p_history, p_control, p_worker, p_batch) b;
    END CASE;
END
$_work_on_batch$;
COMMENT ON FUNCTION etl._work_on_batch IS
    'Internal: hook for what a job does with a batch.';
