CREATE OR REPLACE PROCEDURE etl.join_operation(
    INOUT execution_id   uuid,
    INOUT status         text DEFAULT NULL,
    INOUT changed        bigint DEFAULT NULL,
    INOUT skipped        bigint DEFAULT NULL,
    INOUT failed         bigint DEFAULT NULL,
    INOUT batches        bigint DEFAULT NULL,
    INOUT backup_table   text DEFAULT NULL,
    INOUT quality_before numeric DEFAULT NULL,
    INOUT quality_after  numeric DEFAULT NULL,
    INOUT duration       interval DEFAULT NULL
)
LANGUAGE plpgsql
AS $join_operation$
-- Thin: the functions do the work, this commits.
-- execution_id is given back as it came.
-- @plpgsql_check_options: extra_warnings = off
BEGIN
    COMMIT;  -- outside a transaction block only: each batch commits for itself
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    CALL etl._run_operation(execution_id, true, NULL, status, changed, skipped, failed, batches,
                            backup_table, quality_before, quality_after, duration);
END
$join_operation$;
COMMENT ON PROCEDURE etl.join_operation IS $comment$
Makes this session one more worker of a running operation, until the operation ends.
An operation that has ended, or was paused or cancelled, is only reported.

Parameters:
  execution_id: Id of the operation.
Returns one row, of the whole operation.
Raises ME002, ME008, 42501, and what ends the operation (ME009, ME011, ME012).
$comment$;
