CREATE OR REPLACE FUNCTION etl._notify_progress(p_worker etl.operation_worker) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_notify_progress$
-- Tells the worker's session about the progress, at most every few seconds.
DECLARE
    v_interval constant interval := interval '5 seconds';
    v_waits    text;
    r_history  public.etl_execution_history;
BEGIN
    IF p_worker.notified_at > clock_timestamp() - v_interval THEN
        RETURN;
    END IF;
    UPDATE etl.operation_worker
       SET notified_at = clock_timestamp()
     WHERE execution_id = p_worker.execution_id AND worker_number = p_worker.worker_number
    RETURNING coalesce(', waits for ' || waiting_for, '') INTO v_waits;
    SELECT h.* INTO r_history
      FROM public.etl_execution_history h
     WHERE h.execution_id = p_worker.execution_id;
    RAISE NOTICE '%: % %% - % rows changed, % failed, % batches, %',
        r_history.phase, r_history.progress_percent, r_history.records_changed,
        r_history.records_failed, r_history.batches_processed,
        date_trunc('second', clock_timestamp() - r_history.started_at) || v_waits;
END
$_notify_progress$;
COMMENT ON FUNCTION etl._notify_progress IS
    'Internal: NOTICE about the progress, at most every 5 seconds.';
