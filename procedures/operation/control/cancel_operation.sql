CREATE OR REPLACE FUNCTION etl.cancel_operation(
    INOUT execution_id uuid,
    reason text DEFAULT NULL,
    OUT status text,
    OUT message text
)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $cancel_operation$
SELECT r.execution_id, r.status, r.message
  FROM etl._request(cancel_operation.execution_id, 'cancel', cancel_operation.reason) r
$cancel_operation$;
COMMENT ON FUNCTION etl.cancel_operation IS $comment$
Asks an operation to stop for good.
Its workers leave after their batch, what is done stays, its target is free. It can still be
resumed, or rolled back.

Parameters:
  execution_id: Id of the operation.
As in etl.correct_asset_classes: reason.
Returns one row.
Raises ME002.
$comment$;
