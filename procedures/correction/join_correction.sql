CREATE OR REPLACE PROCEDURE etl.join_correction(
    INOUT correction_id  uuid,
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
AS $join_correction$
-- Alias of etl.join_operation(). correction_id is given back as it came.
-- @plpgsql_check_options: extra_warnings = off
BEGIN
    CALL etl.join_operation(correction_id, status, changed, skipped, failed, batches,
                      backup_table, quality_before, quality_after, duration);
END
$join_correction$;
COMMENT ON PROCEDURE etl.join_correction IS $comment$
Makes this session one more worker of a running operation: etl.join_operation() by another name.

Parameters:
  correction_id: Id of the operation.
Returns one row, of the whole operation.
Raises ME002, ME008, 42501, and what ends the operation (ME009, ME011, ME012).
$comment$;
