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
COMMENT ON PROCEDURE etl.correct_asset_classes IS
    'Corrects the value column of a target from its dimension table, online, in small committed batches with a before-image of every changed row. '
    'Rows with NULL or an empty value always; with only_process_null_asset_class => false also values that are not known; with overwrite_existing_values => true also known values that differ from the symbol''s. '
    'batch_size: rows of the first batch, 1 to 10,000,000; adaptive sizes the next ones towards target_batch_time. max_concurrency: sessions that the driver opens; from psql, CALL etl.join_correction(id) in further sessions. '
    'max_replica_lag, max_slot_lag, max_wal_rate (a second), max_dead_rows (percent), max_snapshot_age and allowed_hours (such as ''22:00-06:00 Europe/Istanbul'') make it slow down or wait, which etl.correction_status() shows; NULL: no limit. '
    'dry_run goes through every batch and changes nothing; the counters then tell what would change. '
    'correction_id: bring one to make the start repeatable (unknown: start; unfinished: resume; finished: report). '
    'Returns one row. Call it outside a transaction block. Raises ME001, ME003, ME004, ME008, ME009, ME011, ME012; all that was committed stays, and CALL etl.resume_correction(id) goes on.';
