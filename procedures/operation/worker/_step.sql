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
-- One step of a job: a batch or a change of phase. This is where a new kind of job is added.
-- wait, reason: how long, and why, the worker waits before its next step; NULL: it need not.
BEGIN
    CASE p_history.operation
        WHEN 'correction', 'retry' THEN
            SELECT s.wait, s.reason INTO wait, reason FROM etl._correction_step(p_history, p_control, p_worker) s;
        WHEN 'rollback' THEN
            SELECT s.wait, s.reason INTO wait, reason FROM etl._rollback_step(p_history, p_control, p_worker) s;
        WHEN 'purge' THEN
            SELECT s.wait, s.reason INTO wait, reason FROM etl._purge_step(p_history, p_control, p_worker) s;
        WHEN 'bootstrap', 'sync', 'cleanup', 'undo' THEN
            SELECT s.wait, s.reason INTO wait, reason FROM etl._table_job_step(p_history, p_control, p_worker) s;
    END CASE;
END
$_step$;
COMMENT ON FUNCTION etl._step(public.etl_execution_history, etl.operation_control, etl.operation_worker) IS
    'Internal: one step of a job.';
