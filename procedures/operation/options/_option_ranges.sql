CREATE OR REPLACE FUNCTION etl._option_ranges()
RETURNS TABLE (option text, kind text, lowest text, highest text)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_option_ranges$
-- The ranges of options that have one, wherever they occur; both ends are allowed. kind says how the
-- values are compared: as number, interval, or size (text that pg_size_bytes reads). The reference
-- and the help of the command line quote these ranges.
VALUES ('batch_size',             'number',   '1',        '10000000'),
       ('max_concurrency',        'number',   '1',        '256'),
       ('max_records_to_process', 'number',   '1',        '9223372036854775807'),
       ('max_retries',            'number',   '0',        '100'),
       ('max_error_rate',         'number',   '0',        '100'),
       ('max_dead_rows',          'number',   '0.1',      '100'),
       ('max_duty_cycle',         'number',   '1',        '100'),
       ('max_processing_time',    'interval', '1 second', '30 days'),
       ('recent',                 'interval', '0',        '1000 years'),
       ('target_batch_time',      'interval', '10 ms',    '1 minute'),
       ('timeout',                'interval', '1 second', '30 days'),
       ('lock_timeout',           'interval', '1 ms',     '10 minutes'),
       ('pause_between_batches',  'interval', '0',        '1 hour'),
       ('max_replica_lag',        'interval', '1 ms',     '1 day'),
       ('max_snapshot_age',       'interval', '1 second', '30 days'),
       ('max_slot_lag',           'size',     '1 MB',     '1024 TB'),
       ('max_wal_rate',           'size',     '64 kB',    '1024 TB')
$_option_ranges$;
COMMENT ON FUNCTION etl._option_ranges() IS
    'Internal: the range of each option that has one.';
