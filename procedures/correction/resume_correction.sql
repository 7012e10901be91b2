CREATE OR REPLACE PROCEDURE etl.resume_correction(
    INOUT correction_id  uuid,
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
AS $resume_correction$
-- Thin: the functions do the work, this commits.
-- correction_id is given back as it came. @plpgsql_check_options: extra_warnings = off
BEGIN
    COMMIT;  -- outside a transaction block only: each batch commits for itself
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    CALL etl._run_operation(correction_id, false, timeout, status, changed, skipped, failed, batches,
                            backup_table, quality_before, quality_after, duration);
END
$resume_correction$;
COMMENT ON PROCEDURE etl.resume_correction IS $comment$
Continues a correction, rollback or retry where it stopped.
The operation may be paused, cancelled, timed out, failed or interrupted. The session joins where
others work, and reports where the operation has ended.

Parameters:
  correction_id: Id of the operation to continue.
  timeout: New time limit, counted from now. NULL leaves it as at the start.
Returns one row.
Raises ME001, ME002, ME008, and what ends the operation (ME009, ME011, ME012).
$comment$;
