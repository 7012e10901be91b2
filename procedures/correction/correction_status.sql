CREATE OR REPLACE FUNCTION etl.correction_status(correction_id uuid DEFAULT NULL)
RETURNS TABLE (
    execution_id uuid, operation text, target text, status text, phase text, progress_percent numeric,
    records_total bigint, records_processed bigint, records_changed bigint, records_skipped bigint,
    records_failed bigint, batches_processed bigint, live_workers integer, rows_per_second numeric,
    estimated_remaining interval, waiting_for text, started_at timestamptz, heartbeat_at timestamptz,
    finished_at timestamptz, duration interval, backup_table text, quality_before numeric,
    quality_after numeric, error_code text, error_message text, reason text, hint text,
    forecast jsonb, actual jsonb
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $correction_status$
-- Status of one operation, or of the newest ten, those under way first. Never reads the fact table.
-- Raises ME002. SECURITY DEFINER: to find dead workers.
BEGIN
    IF correction_status.correction_id IS NOT NULL THEN
        PERFORM etl._require_operation(correction_status.correction_id);
    END IF;
    RETURN QUERY
    SELECT h.execution_id, h.operation, h.target, e.status, h.phase, h.progress_percent,
           h.records_total, h.records_processed, h.records_changed, h.records_skipped,
           h.records_failed, h.batches_processed, w.live_workers,
           round(h.records_changed / d.seconds, 1),
           CASE WHEN e.status = 'running' AND h.progress_percent BETWEEN 1 AND 99.99
                THEN date_trunc('second', make_interval(secs => (d.seconds * (100 - h.progress_percent) / h.progress_percent)::double precision)) END,
           CASE WHEN e.status = 'running' THEN (
               SELECT nullif(concat_ws('; ',
                          string_agg(DISTINCT o.waiting_for, '; '),
                          CASE WHEN c.max_duty_cycle < 100 THEN format('rests within its batches: duty cycle %s %%', c.max_duty_cycle) END), '')
                 FROM etl.operation_control c
                 LEFT JOIN etl.operation_worker o ON o.execution_id = c.execution_id AND o.left_at IS NULL
                WHERE c.execution_id = h.execution_id
                GROUP BY c.max_duty_cycle) END,
           h.started_at, h.heartbeat_at, h.finished_at,
           date_trunc('milliseconds', coalesce(h.finished_at, clock_timestamp()) - h.started_at),
           h.backup_table, h.quality_before, h.quality_after, h.error_code, h.error_message, h.reason,
           CASE WHEN e.status IN ('paused', 'interrupted', 'cancelled', 'timed_out', 'failed')
                THEN format('go on: CALL etl.resume_correction(%L)', h.execution_id)
                WHEN e.status = 'running' THEN format('help: CALL etl.join_correction(%L); stop: SELECT * FROM etl.pause_operation(%1$L)', h.execution_id)
                WHEN e.status = 'completed_with_errors' AND h.operation = 'correction' AND h.records_failed > 0
                THEN format('see etl.failed_record; then CALL etl.retry_failed_records(%L)', h.execution_id)
                WHEN e.status = 'completed_with_errors' AND h.operation = 'correction'
                THEN 'rows were held by other sessions to the end: run the correction again'
                WHEN e.status = 'completed_with_errors' AND h.operation = 'rollback'
                THEN format('see SELECT * FROM etl.rollback_outcomes(%L)', h.execution_id)
                WHEN h.operation = 'correction' AND h.backup_table IS NOT NULL AND e.status IN ('completed', 'partially_rolled_back')
                THEN format('undo: CALL etl.rollback_correction(%L)', h.execution_id) END,
           h.forecast, h.actual
      FROM (SELECT i.* FROM public.etl_execution_history i
             WHERE correction_status.correction_id IS NULL OR i.execution_id = correction_status.correction_id
             ORDER BY i.status IN ('running', 'paused') DESC, i.started_at DESC
             LIMIT 10) h
     CROSS JOIN LATERAL (SELECT CASE WHEN h.status = 'running' THEN etl._live_workers(h.execution_id) ELSE 0 END) AS w (live_workers)
     CROSS JOIN LATERAL (SELECT CASE WHEN h.status = 'running' AND w.live_workers = 0 THEN 'interrupted' ELSE h.status END) AS e (status)
     CROSS JOIN LATERAL (SELECT greatest(extract(epoch FROM coalesce(h.finished_at, h.heartbeat_at) - h.started_at), 0.001)) AS d (seconds)
     ORDER BY e.status IN ('running', 'paused') DESC, h.started_at DESC;
END
$correction_status$;
COMMENT ON FUNCTION etl.correction_status(uuid) IS $comment$
Returns the status of one operation, or of the ten newest, those under way first.
It shows the progress, the rate, the time left, the live workers and what they wait for, in hint
the next command, and the forecast and actual cost (see etl_execution_history). status is
interrupted where an operation runs without a live worker. Cheap on any size of table.

Parameters:
  correction_id: Id of the operation. NULL means the ten newest.
Raises ME002.
$comment$;
