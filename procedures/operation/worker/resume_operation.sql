CREATE OR REPLACE PROCEDURE etl.resume_operation(
    INOUT execution_id   uuid,
    timeout              interval DEFAULT NULL,
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
AS $resume_operation$
-- Thin: the functions do the work, this commits.
-- execution_id is given back as it came.
-- @plpgsql_check_options: extra_warnings = off
BEGIN
    COMMIT;  -- outside a transaction block only: each batch commits for itself
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    CALL etl._run_operation(execution_id, false, timeout, status, changed, skipped, failed, batches,
                            backup_table, quality_before, quality_after, duration);
END
$resume_operation$;
COMMENT ON PROCEDURE etl.resume_operation IS $comment$
Takes up an operation of any kind where it stopped.
The operation was paused, cancelled, interrupted, timed out or failed. Where others work on it, the
session joins them. One that has ended is only reported.

Parameters:
  execution_id: Id of the operation.
  timeout: New time limit, counted from now. NULL leaves it as at the start.
Returns one row.
Raises ME001, ME002, ME003, ME005, ME007, ME008, 42501, and what ends the operation (ME009, ME011,
ME012).
$comment$;
