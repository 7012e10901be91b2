CREATE OR REPLACE FUNCTION etl._table_job_step(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    OUT wait   interval,
    OUT reason text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_table_job_step$
-- One step of a job on the platform's small tables: a batch of planned rows, or, by one elected
-- worker, the plan of the next pass or the end. What a job plans is all that tells it from another.
-- wait, reason: how long, and why, the worker waits before its next step; NULL: it need not.
DECLARE
    r_batch etl.batch_claim;
BEGIN
    r_batch := etl._claim_batch(p_control, p_worker);
    IF r_batch.chunk_number IS NOT NULL THEN
        SELECT a.wait, a.reason INTO wait, reason
          FROM etl._attempt_batch(p_history, p_control, p_worker, r_batch) a;
    ELSIF r_batch.is_pass_done AND etl._lead(p_history, p_control) THEN
        SELECT h.* INTO p_history FROM public.etl_execution_history h WHERE h.execution_id = p_history.execution_id;
        IF NOT etl._plan_next_pass(p_history, (p_control.pass + 1)::smallint) THEN
            PERFORM etl._finish_table_job(p_history);
        END IF;
    ELSE
        wait := etl._patience(p_history);
        reason := 'other workers to end the phase';
    END IF;
END
$_table_job_step$;
COMMENT ON FUNCTION etl._table_job_step(public.etl_execution_history, etl.operation_control, etl.operation_worker) IS
    'Internal: one step of a job on the platform''s small tables.';
