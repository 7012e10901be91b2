-- What an operation is about and who started it are two things; limits are one set; a sample run is
-- called so, and comments use one word for one thing.
--
-- depends: 0010_batch_fit

SET LOCAL lock_timeout = '10s';

-- The history has a row per operation: to look at all of them takes a moment.
ALTER TABLE public.etl_execution_history
    ADD COLUMN IF NOT EXISTS subject_execution_id uuid
        -- squawk-ignore adding-foreign-key-constraint
        REFERENCES public.etl_execution_history;
UPDATE public.etl_execution_history
   SET subject_execution_id = parent_execution_id, parent_execution_id = NULL
 WHERE operation IN ('rollback', 'retry', 'undo') AND subject_execution_id IS NULL;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS etl_execution_history_subject_idx
    ON public.etl_execution_history (subject_execution_id) WHERE subject_execution_id IS NOT NULL;
COMMENT ON COLUMN public.etl_execution_history.subject_execution_id IS
    'Rollback, retry and undo: the operation that it is about.';
COMMENT ON COLUMN public.etl_execution_history.parent_execution_id IS
    'The operation that started this one as a part of its own work; NULL: a user started it.';

ALTER TABLE etl.operation_control
    ADD COLUMN IF NOT EXISTS limits jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN etl.operation_control.limits IS
    'Limits of the load, option -> value as text, hours with their time zone. '
    'One that is missing is no limit.';
DO $limits$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_attribute
                WHERE attrelid = 'etl.operation_control'::regclass AND attname = 'max_wal_rate'
                  AND NOT attisdropped) THEN
        UPDATE etl.operation_control
           SET limits = jsonb_strip_nulls(jsonb_build_object(
                   'max_replica_lag', max_replica_lag, 'max_slot_lag', max_slot_lag,
                   'max_wal_rate', max_wal_rate,
                   'max_duty_cycle', max_duty_cycle, 'max_dead_rows', max_dead_rows,
                   'max_snapshot_age', max_snapshot_age, 'allowed_hours', allowed_hours));
        ALTER TABLE etl.operation_control
            DROP COLUMN max_replica_lag,
            DROP COLUMN max_slot_lag,
            DROP COLUMN max_wal_rate,
            DROP COLUMN max_duty_cycle,
            DROP COLUMN max_dead_rows,
            DROP COLUMN max_snapshot_age,
            DROP COLUMN allowed_hours;
    END IF;
END
$limits$;

DO $sample_run$
BEGIN
    IF to_regclass('etl.trial') IS NOT NULL AND to_regclass('etl.sample_run') IS NULL THEN
        ALTER TABLE etl.trial RENAME TO sample_run;
        ALTER TABLE etl.sample_run RENAME COLUMN tried_at TO sampled_at;
        ALTER TABLE etl.sample_run RENAME COLUMN tried_by TO sampled_by;
        ALTER TABLE etl.sample_run RENAME CONSTRAINT trial_pkey TO sample_run_pkey;
        ALTER TABLE etl.sample_run RENAME CONSTRAINT trial_target_fkey TO sample_run_target_fkey;
    END IF;
    UPDATE public.etl_execution_history
       SET forecast = forecast - 'tried_at' || jsonb_build_object(
               'basis', 'sample_run', 'sampled_at', forecast -> 'tried_at')
     WHERE forecast ->> 'basis' = 'trial';
END
$sample_run$;
COMMENT ON TABLE etl.sample_run IS
    'The last sample run of each target, by etl.preview_correction(sample_run => true). '
    'A correction with the same options takes its forecast from it, unless the target was '
    'corrected or rolled back since.';
COMMENT ON COLUMN public.etl_execution_history.forecast IS
    'Correction: what it was expected to cost when it started. basis: sample_run (a preview with '
    'sample_run measured these options), history (this target''s last corrections) or statistics '
    '(the catalogs alone); '
    'records; duration_seconds; wal_bytes (of its batch statements); table_growth_bytes and '
    'index_growth_bytes (of the fact table and its indexes); backup_bytes; hot_update_percent; '
    'table_bytes and index_bytes: sizes at the start. A figure that the basis cannot tell is null.';
COMMENT ON COLUMN public.etl_execution_history.records_failed IS
    'Rows that were refused: failed records, in etl.failed_record.';
COMMENT ON COLUMN public.etl_execution_history.status IS
    'running, paused, completed, completed_with_errors, failed, cancelled, timed_out, interrupted, '
    'rolled_back, partially_rolled_back. '
    'A running operation whose workers are all dead is shown as interrupted by '
    'etl.operation_status().';
COMMENT ON COLUMN public.etl_execution_history.operation IS
    'Kind of job: correction, retry, rollback, purge, bootstrap, sync, cleanup, undo.';
COMMENT ON TABLE etl.operation_chunk IS
    'The plan and the cursor of an operation: chunks of a relation. A worker claims a chunk by '
    'locking its row, and advances the cursor in the transaction of the batch.';
COMMENT ON COLUMN etl.operation_chunk.pass IS 'Pass that the chunk belongs to.';
COMMENT ON COLUMN etl.operation_chunk.chunk_number IS 'Order of the chunks.';
COMMENT ON COLUMN etl.operation_chunk.relation IS 'Table or leaf partition that the chunk lies in.';
COMMENT ON COLUMN etl.operation_chunk.first_item IS 'First block or position of the chunk.';
COMMENT ON COLUMN etl.operation_chunk.end_item IS 'First block or position behind the chunk.';
COMMENT ON COLUMN etl.operation_chunk.counts IS
    'What was counted in the chunk, in the order of etl._counts().';
COMMENT ON TYPE etl.batch_claim IS
    'The part of a chunk that a worker has claimed for one transaction. '
    'chunk_number is NULL where there was none to claim.';
COMMENT ON COLUMN etl.operation_worker.chunk_number IS 'Chunk that it works through.';
COMMENT ON COLUMN etl.operation_batch.chunk_number IS 'Chunk that it belongs to.';
COMMENT ON COLUMN etl.operation_batch.failed IS 'Rows that were refused.';
COMMENT ON TABLE etl.failed_record IS
    'Failed records: rows that a CHECK, a trigger or a domain refused. '
    'CALL etl.retry_failed_records(correction_id) tries them again.';
