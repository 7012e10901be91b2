CREATE OR REPLACE PROCEDURE etl.correct_asset_classes(
    INOUT correction_id           uuid DEFAULT NULL,
    target                        text DEFAULT 'market_data',
    batch_size                    integer DEFAULT 1000,
    adaptive                      boolean DEFAULT true,
    target_batch_time             interval DEFAULT '500 ms',
    max_concurrency               integer DEFAULT 1,
    max_records_to_process        bigint DEFAULT NULL,
    target_symbols                text[] DEFAULT NULL,
    create_backup                 boolean DEFAULT true,
    only_process_null_asset_class boolean DEFAULT true,
    overwrite_existing_values     boolean DEFAULT false,
    validate_after_each_batch     boolean DEFAULT true,
    dry_run                       boolean DEFAULT false,
    timeout                       interval DEFAULT '2 hours',
    max_retries                   integer DEFAULT 3,
    lock_timeout                  interval DEFAULT '2 s',
    pause_between_batches         interval DEFAULT '0',
    max_replica_lag               interval DEFAULT NULL,
    max_slot_lag                  text DEFAULT NULL,
    max_wal_rate                  text DEFAULT NULL,
    max_duty_cycle                numeric DEFAULT NULL,
    max_dead_rows                 numeric DEFAULT NULL,
    max_snapshot_age              interval DEFAULT NULL,
    allowed_hours                 text DEFAULT NULL,
    max_error_rate                numeric DEFAULT 10,
    reason                        text DEFAULT NULL,
    INOUT status                  text DEFAULT NULL,
    INOUT changed                 bigint DEFAULT NULL,
    INOUT skipped                 bigint DEFAULT NULL,
    INOUT failed                  bigint DEFAULT NULL,
    INOUT batches                 bigint DEFAULT NULL,
    INOUT backup_table            text DEFAULT NULL,
    INOUT quality_before          numeric DEFAULT NULL,
    INOUT quality_after           numeric DEFAULT NULL,
    INOUT duration                interval DEFAULT NULL
)
LANGUAGE plpgsql
AS $correct_asset_classes$
-- Thin: the functions do the work, this commits. See COMMENT ON for the contract.
BEGIN
    COMMIT;  -- outside a transaction block only: each batch commits for itself
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    correction_id := etl._start_correction(correction_id, (
        SELECT pg_catalog.to_jsonb(o)
          FROM (SELECT target, batch_size, adaptive, target_batch_time, max_concurrency,
                       max_records_to_process, target_symbols, create_backup,
                       only_process_null_asset_class, overwrite_existing_values,
                       validate_after_each_batch, dry_run, timeout, max_retries,
                       lock_timeout, pause_between_batches, max_replica_lag,
                       max_slot_lag, max_wal_rate, max_duty_cycle, max_dead_rows,
                       max_snapshot_age, allowed_hours, max_error_rate) AS o), reason);
    CALL etl._run_operation(correction_id, false, NULL, status, changed, skipped, failed, batches,
                            backup_table, quality_before, quality_after, duration);
END
$correct_asset_classes$;
COMMENT ON PROCEDURE etl.correct_asset_classes IS $comment$
Corrects the value column of a target from its dimension table, online, in small committed batches.
Every changed row gets a before-image. Rows with NULL or an empty value are always corrected.

Call it outside a transaction block. Everything that was committed stays after an error, and CALL
etl.resume_operation(id) goes on. The driver opens max_concurrency sessions; from psql, CALL
etl.join_operation(id) in further sessions.

The limits make it slow down or wait, which etl.operation_status() shows: max_replica_lag,
max_slot_lag, max_wal_rate, max_duty_cycle, max_dead_rows, max_snapshot_age and allowed_hours.
NULL means no limit.

Parameters:
  correction_id: Id to run under. By default a new one. An id of your own makes the start
    repeatable: an unknown id starts a correction, an unfinished one is resumed, a finished one is
    reported.
  target: Registered target to work on.
  batch_size: Rows of the first batch. The next ones are sized when adaptive.
  adaptive: Size the batches so that each takes target_batch_time.
  target_batch_time: Time that one batch should take.
  max_concurrency: Sessions that may work on the operation at once.
  max_records_to_process: Change at most this many records. NULL means all.
  target_symbols: Only rows of these symbols. NULL means all.
  create_backup: Keep a before-image of every changed row.
  only_process_null_asset_class: Correct only NULL and empty values. Otherwise also values that are
    not known.
  overwrite_existing_values: Also correct known values that differ from the symbol's.
  validate_after_each_batch: Check each batch before it is committed.
  dry_run: Go through everything and change nothing. The counters tell what would change.
  timeout: Stop after this time. The operation can be resumed.
  max_retries: Retries after a deadlock, a lock timeout or a lost connection.
  lock_timeout: Time that a batch waits for a lock before it is retried.
  pause_between_batches: Wait this long after each batch, to spare the server.
  max_replica_lag: Wait while a standby is further behind than this time.
  max_slot_lag: Wait while a replication slot retains more WAL than this size, such as 10 GB.
  max_wal_rate: Write at most this size of WAL a second, such as 20 MB.
  max_duty_cycle: Work for this percentage of the time only; sleep for moments in between, also
    within a batch.
  max_dead_rows: Slow down while more than this percentage of the table's rows is dead.
  max_snapshot_age: Wait while a transaction that holds back vacuum is older than this.
  allowed_hours: Work only in these hours, such as '22:00-06:00 Europe/Istanbul', and wait outside.
  max_error_rate: Stop when more than this percentage of the records has failed.
  reason: Why it is done, for the history and the audit log.
Returns one row.
Raises ME001, ME003, ME004, ME008, ME009, ME011, ME012.
$comment$;
