CREATE OR REPLACE FUNCTION etl.pause_operation(
    INOUT execution_id uuid,
    reason text DEFAULT NULL,
    OUT status text,
    OUT message text
)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $pause_operation$
SELECT r.execution_id, r.status, r.message
  FROM etl._request(pause_operation.execution_id, 'pause', pause_operation.reason) r
$pause_operation$;
COMMENT ON FUNCTION etl.pause_operation IS $comment$
Asks an operation to pause.
Its workers leave after their batch. The target stays reserved for it until CALL
etl.resume_operation(id) or a cancellation.

As in etl.cancel_operation: execution_id.
As in etl.correct_asset_classes: reason.
Returns one row.
Raises ME002.
$comment$;
