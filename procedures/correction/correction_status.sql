CREATE OR REPLACE FUNCTION etl.correction_status(correction_id uuid DEFAULT NULL)
RETURNS TABLE (
    execution_id uuid, operation text, target text, status text, phase text,
    progress_percent numeric, records_total bigint, records_processed bigint,
    records_changed bigint, records_skipped bigint, records_failed bigint,
    batches_processed bigint, live_workers integer, rows_per_second numeric,
    estimated_remaining interval, waiting_for text, started_at timestamptz,
    heartbeat_at timestamptz, finished_at timestamptz, duration interval, backup_table text,
    quality_before numeric, quality_after numeric, error_code text, error_message text,
    reason text, hint text, forecast jsonb, actual jsonb
)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $correction_status$
-- Alias of etl.operation_status(). SECURITY DEFINER: as that.
SELECT s.* FROM etl.operation_status(correction_status.correction_id) s
$correction_status$;
COMMENT ON FUNCTION etl.correction_status IS $comment$
Returns the status of operations: etl.operation_status() by another name.

Parameters:
  correction_id: Id of the operation. NULL means the ten newest, those under way first.
Raises ME002.
$comment$;
