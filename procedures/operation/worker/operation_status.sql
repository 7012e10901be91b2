CREATE OR REPLACE FUNCTION etl.operation_status(
    INOUT execution_id uuid DEFAULT NULL,
    OUT operation text,
    OUT target text,
    OUT status text,
    OUT phase text,
    OUT progress_percent numeric,
    OUT records_total bigint,
    OUT records_processed bigint,
    OUT records_changed bigint,
    OUT records_skipped bigint,
    OUT records_failed bigint,
    OUT batches_processed bigint,
    OUT live_workers integer,
    OUT rows_per_second numeric,
    OUT estimated_remaining interval,
    OUT waiting_for text,
    OUT started_at timestamptz,
    OUT heartbeat_at timestamptz,
    OUT finished_at timestamptz,
    OUT duration interval,
    OUT backup_table text,
    OUT quality_before numeric,
    OUT quality_after numeric,
    OUT error_code text,
    OUT error_message text,
    OUT reason text,
    OUT hint text,
    OUT forecast jsonb,
    OUT actual jsonb
) RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $operation_status$
-- Status of one operation, or of the newest ten, those under way first. Never reads the fact table.
-- Raises ME002.
-- SECURITY DEFINER: to find dead workers.
-- The row type is fixed by the OUT parameters.
-- @plpgsql_check_options: extra_warnings = off
BEGIN
    IF operation_status.execution_id IS NOT NULL THEN
        PERFORM etl._require_operation(operation_status.execution_id);
    END IF;
    RETURN QUERY
    SELECT h.execution_id, h.operation, h.target, e.status, h.phase, h.progress_percent,
           h.records_total, h.records_processed, h.records_changed, h.records_skipped,
           h.records_failed, h.batches_processed, w.live_workers,
           round(h.records_changed / d.seconds, 1),
           CASE WHEN e.status = 'running' AND h.progress_percent BETWEEN 1 AND 99.99
                THEN date_trunc('second', make_interval(
                         secs => (d.seconds * (100 - h.progress_percent)
                                  / h.progress_percent)::double precision)) END,
           CASE WHEN e.status = 'running' THEN (
               SELECT nullif(concat_ws('; ',
                          string_agg(DISTINCT o.waiting_for, '; '),
                          CASE WHEN (c.limits ->> 'max_duty_cycle')::numeric < 100
                               THEN format('keeps a duty cycle of %s %%',
                                           c.limits ->> 'max_duty_cycle') END), '')
                 FROM etl.operation_control c
                 LEFT JOIN etl.operation_worker o
                   ON o.execution_id = c.execution_id AND o.left_at IS NULL
                WHERE c.execution_id = h.execution_id
                GROUP BY c.limits) END,
           h.started_at, h.heartbeat_at, h.finished_at,
           date_trunc('milliseconds', coalesce(h.finished_at, clock_timestamp()) - h.started_at),
           h.backup_table, h.quality_before, h.quality_after, h.error_code, h.error_message,
           h.reason,
           CASE WHEN e.status IN ('paused', 'interrupted', 'cancelled', 'timed_out', 'failed')
                THEN concat_ws(' ', h.error_hint,
                               format('go on: CALL etl.resume_operation(%L)', h.execution_id))
                WHEN e.status = 'running'
                THEN format('help: CALL etl.join_operation(%L); '
                            'stop: SELECT * FROM etl.pause_operation(%1$L)', h.execution_id)
                ELSE etl._next_command(h) END,
           h.forecast, h.actual
      FROM (SELECT i.* FROM public.etl_execution_history i
             WHERE operation_status.execution_id IS NULL
                OR i.execution_id = operation_status.execution_id
             ORDER BY i.status IN ('running', 'paused') DESC, i.started_at DESC
             LIMIT 10) h
     CROSS JOIN LATERAL (SELECT CASE WHEN h.status = 'running'
                                     THEN etl._live_workers(h.execution_id)
                                     ELSE 0 END) AS w (live_workers)
     CROSS JOIN LATERAL (SELECT CASE WHEN h.status = 'running' AND w.live_workers = 0
                                     THEN 'interrupted' ELSE h.status END) AS e (status)
     CROSS JOIN LATERAL (
        SELECT greatest(extract(epoch FROM coalesce(h.finished_at, h.heartbeat_at)
                                           - h.started_at), 0.001)) AS d (seconds)
     ORDER BY e.status IN ('running', 'paused') DESC, h.started_at DESC;
END
$operation_status$;
COMMENT ON FUNCTION etl.operation_status IS $comment$
Returns the status of an operation of any kind, or of the ten newest, those under way first.
status is interrupted where an operation runs without a live worker. Cheap on any size of table.

Parameters:
  execution_id: Id of the operation. NULL means the ten newest.
Returns one row per operation: progress, rate, time left, live workers, what they wait for, in hint
  the next command, and forecast and actual cost (see etl_execution_history).
Raises ME002.
$comment$;
