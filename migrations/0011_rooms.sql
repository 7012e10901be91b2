-- What an operation is about and who started it are two things; limits are one set.
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
    'Limits of the load, option -> value: max_replica_lag, max_slot_lag, max_wal_rate, max_duty_cycle, max_dead_rows, max_snapshot_age, allowed_hours (with their time zone). One that is missing is no limit.';
DO $limits$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_attribute
                WHERE attrelid = 'etl.operation_control'::regclass AND attname = 'max_wal_rate' AND NOT attisdropped) THEN
        UPDATE etl.operation_control
           SET limits = jsonb_strip_nulls(jsonb_build_object(
                   'max_replica_lag', max_replica_lag, 'max_slot_lag', max_slot_lag, 'max_wal_rate', max_wal_rate,
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
