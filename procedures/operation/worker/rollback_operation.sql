CREATE OR REPLACE PROCEDURE etl.rollback_operation(
    execution_id            uuid,
    reason                  text DEFAULT NULL,
    on_conflict             text DEFAULT 'keep',
    dry_run                 boolean DEFAULT false,
    timeout                 interval DEFAULT '30 minutes',
    INOUT rollback_id       uuid DEFAULT NULL,
    INOUT status            text DEFAULT NULL,
    INOUT changed           bigint DEFAULT NULL,
    INOUT skipped           bigint DEFAULT NULL,
    INOUT failed            bigint DEFAULT NULL,
    INOUT batches           bigint DEFAULT NULL,
    INOUT backup_table      text DEFAULT NULL,
    INOUT quality_before    numeric DEFAULT NULL,
    INOUT quality_after     numeric DEFAULT NULL,
    INOUT duration          interval DEFAULT NULL
)
LANGUAGE plpgsql
AS $rollback_operation$
-- Thin: the functions do the work, this commits. See COMMENT ON for the contract.
BEGIN
    COMMIT;  -- outside a transaction block only: each batch commits for itself
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    rollback_id := etl._start_undo(execution_id, rollback_id, on_conflict, dry_run, timeout,
                                   reason);
    CALL etl._run_operation(rollback_id, false, NULL, status, changed, skipped, failed, batches,
                            backup_table, quality_before, quality_after, duration);
END
$rollback_operation$;
COMMENT ON PROCEDURE etl.rollback_operation IS $comment$
Undoes any operation by its id.
A correction is undone from its backup table, as CALL etl.rollback_correction() with its defaults
does. Any other operation is undone from its change log: rows that it inserted are deleted, columns
that it changed get their old values. A row that was changed since is a conflict. Resumable and
cancellable like every operation.

Parameters:
  execution_id: Id of the operation to undo.
  on_conflict: What happens to a row that was changed since. With keep it stays, and is listed by
    etl.operation_changes(). With force it is undone all the same. With abort the call fails with
    ME006 before anything is changed. One of: keep, force, abort.
As in etl.correct_asset_classes: dry_run, timeout, reason.
As in etl.rollback_correction: rollback_id.
Returns one row; changed counts the rows undone, skipped those kept, missing or unchanged.
Raises ME001, ME002, ME003, ME004, ME005, ME006, ME007, ME008, ME009, ME011, ME012.
$comment$;
