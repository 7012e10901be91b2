SET LOCAL lock_timeout = '10s';
DO $sample_run$
BEGIN
    IF to_regclass('etl.sample_run') IS NOT NULL THEN
        ALTER TABLE etl.sample_run RENAME CONSTRAINT sample_run_target_fkey TO trial_target_fkey;
        ALTER TABLE etl.sample_run RENAME CONSTRAINT sample_run_pkey TO trial_pkey;
        ALTER TABLE etl.sample_run RENAME COLUMN sampled_at TO tried_at;
        ALTER TABLE etl.sample_run RENAME COLUMN sampled_by TO tried_by;
        ALTER TABLE etl.sample_run RENAME TO trial;
    END IF;
END
$sample_run$;
DO $limits$
BEGIN
    IF to_regclass('etl.operation_control') IS NULL THEN
        RETURN;
    END IF;
    ALTER TABLE etl.operation_control
        ADD COLUMN IF NOT EXISTS max_replica_lag  interval CHECK (max_replica_lag > interval '0'),
        ADD COLUMN IF NOT EXISTS max_slot_lag     text,
        ADD COLUMN IF NOT EXISTS max_wal_rate     text,
        ADD COLUMN IF NOT EXISTS max_duty_cycle   numeric,
        ADD COLUMN IF NOT EXISTS max_dead_rows    numeric,
        ADD COLUMN IF NOT EXISTS max_snapshot_age interval,
        ADD COLUMN IF NOT EXISTS allowed_hours    text;
    IF EXISTS (SELECT FROM pg_catalog.pg_attribute
                WHERE attrelid = 'etl.operation_control'::regclass
                  AND attname = 'limits' AND NOT attisdropped) THEN
        UPDATE etl.operation_control
           SET max_replica_lag = (limits ->> 'max_replica_lag')::interval,
               max_slot_lag = limits ->> 'max_slot_lag',
               max_wal_rate = limits ->> 'max_wal_rate',
               max_duty_cycle = (limits ->> 'max_duty_cycle')::numeric,
               max_dead_rows = (limits ->> 'max_dead_rows')::numeric,
               max_snapshot_age = (limits ->> 'max_snapshot_age')::interval,
               allowed_hours = limits ->> 'allowed_hours';
        ALTER TABLE etl.operation_control DROP COLUMN limits;
    END IF;
END
$limits$;
DO $subject$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_attribute
                WHERE attrelid = to_regclass('public.etl_execution_history')
                  AND attname = 'subject_execution_id' AND NOT attisdropped) THEN
        UPDATE public.etl_execution_history
           SET parent_execution_id = subject_execution_id
         WHERE subject_execution_id IS NOT NULL;
        ALTER TABLE public.etl_execution_history DROP COLUMN subject_execution_id;
    END IF;
END
$subject$;
