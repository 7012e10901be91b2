CREATE OR REPLACE FUNCTION etl._option_ranges()
RETURNS TABLE (option text, kind text, lowest text, highest text, is_limit boolean)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_option_ranges$
-- The ranges of options that have one, wherever they occur; both ends are allowed. kind says how
-- the values are compared: as number, interval, or size (text that pg_size_bytes reads); hours have
-- no range. The reference and the help of the command line quote these ranges.
-- is_limit: it limits the load of an operation, and NULL stands for no limit.
VALUES ('batch_size',             'number',   '1',        '10000000', false),
       ('max_concurrency',        'number',   '1',        '256', false),
       ('max_records_to_process', 'number',   '1',        '9223372036854775807', false),
       ('max_retries',            'number',   '0',        '100', false),
       ('max_error_rate',         'number',   '0',        '100', false),
       ('max_dead_rows',          'number',   '0.1',      '100', true),
       ('max_duty_cycle',         'number',   '1',        '100', true),
       ('max_processing_time',    'interval', '1 second', '30 days', false),
       ('recent',                 'interval', '0',        '1000 years', false),
       ('target_batch_time',      'interval', '10 ms',    '1 minute', false),
       ('timeout',                'interval', '1 second', '30 days', false),
       ('lock_timeout',           'interval', '1 ms',     '10 minutes', false),
       ('pause_between_batches',  'interval', '0',        '1 hour', false),
       ('max_replica_lag',        'interval', '1 ms',     '1 day', true),
       ('max_snapshot_age',       'interval', '1 second', '30 days', true),
       ('max_slot_lag',           'size',     '1 MB',     '1024 TB', true),
       ('max_wal_rate',           'size',     '64 kB',    '1024 TB', true),
       ('allowed_hours',          'hours',    NULL,       NULL, true)
$_option_ranges$;
COMMENT ON FUNCTION etl._option_ranges IS
    'Internal: the range of each option that has one.';
