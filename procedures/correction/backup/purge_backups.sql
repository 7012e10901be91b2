CREATE OR REPLACE PROCEDURE etl.purge_backups(
    older_than           interval DEFAULT '30 days',
    dry_run              boolean DEFAULT false,
    keep_last            integer DEFAULT 1,
    INOUT purge_id       uuid DEFAULT NULL,
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
AS $purge_backups$
-- Thin: the functions do the work, this commits.
BEGIN
    COMMIT;  -- outside a transaction block only: each table is dropped in its own transaction
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    purge_id := etl._start_purge(purge_id, older_than, dry_run, keep_last);
    CALL etl._run_operation(purge_id, false, NULL, status, changed, skipped, failed, batches,
                            backup_table, quality_before, quality_after, duration);
END
$purge_backups$;
COMMENT ON PROCEDURE etl.purge_backups IS $comment$
Drops old backup tables, one in each transaction.
Then it deletes the rows of etl.operation_chunk and etl.operation_batch of operations that ended as
long ago and have no backup left; their history stays. A correction without its backup can no
longer be rolled back. Needs etl_admin.

Parameters:
  older_than: Drop only backups older than this.
  keep_last: Number of the newest backups of each target that stay whatever their age.
  dry_run: Drop nothing. The counters tell what would be dropped.
  purge_id: Id to run under. By default a new one.
Returns one row; changed counts the tables dropped.
Raises ME001, ME003.
$comment$;
