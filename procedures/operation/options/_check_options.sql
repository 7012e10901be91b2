CREATE OR REPLACE FUNCTION etl._check_options(p_options jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_check_options$
-- Checks the options that all operations share; names and units are those of the public routines.
-- A key that is absent is not checked; a null one is refused where the option needs a value.
-- Raises ME003 naming the option, its value and its range.
DECLARE
    v_range constant jsonb := jsonb '{
        "batch_size": ["1", "10000000"],
        "max_concurrency": ["1", "256"],
        "max_records_to_process": ["1", "9223372036854775807"],
        "max_retries": ["0", "100"],
        "max_error_rate": ["0", "100"],
        "max_dead_rows": ["0.1", "100"],
        "max_duty_cycle": ["1", "100"]
    }';
    v_interval_range constant jsonb := jsonb '{
        "max_processing_time": ["1 second", "30 days"],
        "recent": ["0", "1000 years"],
        "target_batch_time": ["10 ms", "1 minute"],
        "timeout": ["1 second", "30 days"],
        "lock_timeout": ["1 ms", "10 minutes"],
        "pause_between_batches": ["0", "1 hour"],
        "max_replica_lag": ["1 ms", "1 day"],
        "max_snapshot_age": ["1 second", "30 days"]
    }';
    v_size_range constant jsonb := jsonb '{
        "max_slot_lag": ["1 MB", "1024 TB"],
        "max_wal_rate": ["64 kB", "1024 TB"]
    }';
    v_nullable constant text[] := ARRAY['max_records_to_process', 'target_symbols', 'batch_numbers',
                                           'asset_class_filter', 'venue_filter'] || etl._limits();
    r_option record;
BEGIN
    FOR r_option IN
        SELECT o.name, o.value,
               CASE WHEN v_range ? o.name
                    THEN o.value::numeric NOT BETWEEN (v_range -> o.name ->> 0)::numeric AND (v_range -> o.name ->> 1)::numeric
                    WHEN v_interval_range ? o.name
                    THEN o.value::interval NOT BETWEEN (v_interval_range -> o.name ->> 0)::interval AND (v_interval_range -> o.name ->> 1)::interval
                    WHEN v_size_range ? o.name AND o.value ~* '^\s*\d+(\.\d+)?\s*(bytes|kB|MB|GB|TB)?\s*$'
                    THEN pg_size_bytes(o.value) NOT BETWEEN pg_size_bytes(v_size_range -> o.name ->> 0) AND pg_size_bytes(v_size_range -> o.name ->> 1)
                    ELSE v_size_range ? o.name AND o.value IS NOT NULL END AS is_out_of_range,
               coalesce(v_range -> o.name, v_interval_range -> o.name, v_size_range -> o.name) AS range
          FROM jsonb_each_text(p_options) AS o (name, value)
    LOOP
        IF r_option.value IS NULL AND r_option.name <> ALL (v_nullable) THEN
            RAISE EXCEPTION 'option % must not be null', r_option.name
                USING ERRCODE = 'ME003',
                      DETAIL = format('%s => NULL was given.', r_option.name),
                      HINT = 'Leave the option out to get its default.';
        ELSIF r_option.is_out_of_range THEN
            RAISE EXCEPTION 'option % is out of range', r_option.name
                USING ERRCODE = 'ME003',
                      DETAIL = format('%s => %s was given.', r_option.name, r_option.value),
                      HINT = format('Give a value from %s to %s.', r_option.range ->> 0, r_option.range ->> 1);
        END IF;
    END LOOP;

    PERFORM etl._check_hours(p_options ->> 'allowed_hours');
    IF '[]' IN (p_options -> 'target_symbols', p_options -> 'batch_numbers',
                p_options -> 'asset_class_filter', p_options -> 'venue_filter') THEN
        RAISE EXCEPTION 'a restriction to nothing was given'
            USING ERRCODE = 'ME003',
                  DETAIL = 'target_symbols, batch_numbers, asset_class_filter or venue_filter is an empty array.',
                  HINT = 'Leave it out to process everything, or name at least one.';
    END IF;
    IF (p_options ->> 'only_process_null_asset_class')::boolean
       AND (p_options ->> 'overwrite_existing_values')::boolean THEN
        RAISE EXCEPTION 'only_process_null_asset_class and overwrite_existing_values contradict each other'
            USING ERRCODE = 'ME003',
                  DETAIL = 'Both are true.',
                  HINT = 'To overwrite values that differ from the symbol, also give only_process_null_asset_class => false.';
    END IF;
    IF p_options ->> 'on_conflict' NOT IN ('keep', 'force', 'abort') THEN
        RAISE EXCEPTION 'option on_conflict is unknown'
            USING ERRCODE = 'ME003',
                  DETAIL = format('on_conflict => %L was given.', p_options ->> 'on_conflict'),
                  HINT = 'Give keep, force or abort.';
    END IF;
END
$_check_options$;
COMMENT ON FUNCTION etl._check_options(jsonb) IS
    'Internal: raises ME003 for an option that is null, out of range, unknown or contradictory.';
