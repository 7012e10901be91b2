CREATE OR REPLACE PROCEDURE etl.retry_failed_records(
    correction_id        uuid,
    INOUT retry_id       uuid DEFAULT NULL,
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
AS $retry_failed_records$
-- Thin: the functions do the work, this commits.
BEGIN
    COMMIT;  -- outside a transaction block only: each batch commits for itself
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    retry_id := etl._start_retry(correction_id, retry_id);
    CALL etl._run_operation(retry_id, false, NULL, status, changed, skipped, failed, batches,
                            backup_table, quality_before, quality_after, duration);
END
$retry_failed_records$;
COMMENT ON PROCEDURE etl.retry_failed_records IS $comment$
Tries the rows again that a correction put into etl.failed_record.
The options and the mapping are those of the correction. Rows that succeed join its backup. Rows
that are right by now, or gone, are resolved.

Parameters:
  correction_id: Id of the correction.
  retry_id: Id to run under. By default a new one.
Returns one row; failed counts the rows that were refused again.
Raises ME001, ME002, ME005.
$comment$;
