CREATE OR REPLACE PROCEDURE etl.rollback_correction(
    correction_id           uuid,
    reason                  text DEFAULT NULL,
    target_symbols          text[] DEFAULT NULL,
    batch_numbers           integer[] DEFAULT NULL,
    on_conflict             text DEFAULT 'keep',
    validate_after_rollback boolean DEFAULT true,
    batch_size              integer DEFAULT 1000,
    adaptive                boolean DEFAULT true,
    target_batch_time       interval DEFAULT '500 ms',
    max_concurrency         integer DEFAULT 1,
    dry_run                 boolean DEFAULT false,
    timeout                 interval DEFAULT '30 minutes',
    max_retries             integer DEFAULT 3,
    lock_timeout            interval DEFAULT '2 s',
    pause_between_batches   interval DEFAULT '0',
    max_replica_lag         interval DEFAULT NULL,
    max_slot_lag            text DEFAULT NULL,
    max_wal_rate            text DEFAULT NULL,
    max_duty_cycle          numeric DEFAULT NULL,
    max_dead_rows           numeric DEFAULT NULL,
    max_snapshot_age        interval DEFAULT NULL,
    allowed_hours           text DEFAULT NULL,
    max_error_rate          numeric DEFAULT 10,
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
AS $rollback_correction$
-- Thin: the functions do the work, this commits. See COMMENT ON for the contract.
BEGIN
    COMMIT;  -- outside a transaction block only: each batch commits for itself
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    rollback_id := etl._start_rollback(correction_id, rollback_id, (
        SELECT pg_catalog.to_jsonb(o)
          FROM (SELECT target_symbols, batch_numbers, on_conflict,
                       validate_after_rollback, batch_size, adaptive, target_batch_time,
                       max_concurrency, dry_run, timeout, max_retries, lock_timeout,
                       pause_between_batches, max_replica_lag, max_slot_lag,
                       max_wal_rate, max_duty_cycle, max_dead_rows, max_snapshot_age,
                       allowed_hours, max_error_rate) AS o), reason);
    CALL etl._run_operation(rollback_id, false, NULL, status, changed, skipped, failed, batches,
                            backup_table, quality_before, quality_after, duration);
END
$rollback_correction$;
COMMENT ON PROCEDURE etl.rollback_correction IS $comment$
Restores the old values of a correction from its backup table, all of them or a part.
A row whose value is no longer what the correction wrote is a conflict. It is batched, resumable and
cancellable like a correction, within the same limits; further sessions help with CALL
etl.join_operation(rollback_id).

Parameters:
  correction_id: Id of the correction to roll back.
  rollback_id: Id to run under. By default a new one.
  target_symbols: Restore only rows of these symbols. NULL means all.
  batch_numbers: Restore only what these batches changed (see etl.operation_batch). NULL means all.
  on_conflict: What happens to a row that was changed since. With keep it stays, and is listed by
    etl.rollback_outcomes(). With force it is restored all the same. With abort the call fails with
    ME006 before anything is changed. One of: keep, force, abort.
  validate_after_rollback: Check that each restored row holds its old value, whatever triggers do.
As in etl.correct_asset_classes: batch_size, adaptive, target_batch_time, max_concurrency, dry_run,
  timeout, max_retries, lock_timeout, pause_between_batches, max_replica_lag, max_slot_lag,
  max_wal_rate, max_duty_cycle, max_dead_rows, max_snapshot_age, allowed_hours, max_error_rate,
  reason.
Returns one row; changed counts the rows restored, skipped those kept, missing or unchanged.
Raises ME001, ME002, ME003, ME004, ME005, ME006, ME007, ME008, ME009, ME011, ME012.
$comment$;
