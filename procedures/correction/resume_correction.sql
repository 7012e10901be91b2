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
COMMENT ON PROCEDURE etl.resume_correction IS
    'Takes up a correction, rollback or retry that was paused, cancelled, timed out, failed or interrupted, where it stopped. '
    'timeout: new time limit, from now; default as at the start. Joins where others work, reports where it has ended. '
    'Returns one row. Raises ME001, ME002, ME008, and what ends the operation (ME009, ME011, ME012).';
