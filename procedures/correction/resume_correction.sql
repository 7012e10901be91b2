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
-- Alias of etl.resume_operation(). correction_id is given back as it came.
-- @plpgsql_check_options: extra_warnings = off
BEGIN
    CALL etl.resume_operation(correction_id, timeout, status, changed, skipped, failed, batches,
                      backup_table, quality_before, quality_after, duration);
END
$resume_correction$;
COMMENT ON PROCEDURE etl.resume_correction IS $comment$
Takes up an operation where it stopped: etl.resume_operation() by another name.

Parameters:
  correction_id: Id of the operation.
As in etl.resume_operation: timeout.
Returns one row.
Raises ME001, ME002, ME005, ME007, ME008, 42501, and what ends the operation (ME009, ME011, ME012).
$comment$;
