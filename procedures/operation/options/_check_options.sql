CREATE OR REPLACE FUNCTION etl._check_options(p_options jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_check_options$
-- Checks the options that all operations share; names and units are those of the public routines.
-- A key that is absent is not checked; a null one is refused where the option needs a value.
-- Raises ME003 naming the option, its value and its range.
DECLARE
    v_nullable constant text[] := ARRAY['max_records_to_process', 'target_symbols', 'batch_numbers',
                                           'asset_class_filter', 'venue_filter'] || etl._limits();
    r_option record;
BEGIN
    FOR r_option IN
        SELECT o.name, o.value, r.lowest, r.highest,
               CASE r.kind
                    WHEN 'number' THEN o.value::numeric
                                       NOT BETWEEN r.lowest::numeric AND r.highest::numeric
                    WHEN 'interval' THEN o.value::interval
                                         NOT BETWEEN r.lowest::interval AND r.highest::interval
                    WHEN 'size' THEN CASE
                        WHEN o.value ~* '^\s*\d+(\.\d+)?\s*(bytes|kB|MB|GB|TB)?\s*$'
                        THEN pg_size_bytes(o.value)
                             NOT BETWEEN pg_size_bytes(r.lowest) AND pg_size_bytes(r.highest)
                        ELSE o.value IS NOT NULL END
                    END AS is_out_of_range
          FROM jsonb_each_text(p_options) WITH ORDINALITY AS o (name, value, position)
          LEFT JOIN etl._option_ranges() r ON r.option = o.name
         ORDER BY o.position
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
                      HINT = format('Give a value from %s to %s.',
                                    r_option.lowest, r_option.highest);
        END IF;
    END LOOP;

    PERFORM etl._check_hours(p_options ->> 'allowed_hours');
    IF '[]' IN (p_options -> 'target_symbols', p_options -> 'batch_numbers',
                p_options -> 'asset_class_filter', p_options -> 'venue_filter') THEN
        RAISE EXCEPTION 'a restriction to nothing was given'
            USING ERRCODE = 'ME003',
                  DETAIL = 'target_symbols, batch_numbers, asset_class_filter or venue_filter '
                           'is an empty array.',
                  HINT = 'Leave it out to process everything, or name at least one.';
    END IF;
    IF (p_options ->> 'only_process_null_asset_class')::boolean
       AND (p_options ->> 'overwrite_existing_values')::boolean THEN
        RAISE EXCEPTION
            'only_process_null_asset_class and overwrite_existing_values contradict each other'
            USING ERRCODE = 'ME003',
                  DETAIL = 'Both are true.',
                  HINT = 'To overwrite values that differ from the symbol, also give '
                         'only_process_null_asset_class => false.';
    END IF;
    IF p_options ->> 'on_conflict' NOT IN ('keep', 'force', 'abort') THEN
        RAISE EXCEPTION 'option on_conflict is unknown'
            USING ERRCODE = 'ME003',
                  DETAIL = format('on_conflict => %L was given.', p_options ->> 'on_conflict'),
                  HINT = 'Give keep, force or abort.';
    END IF;
END
$_check_options$;
COMMENT ON FUNCTION etl._check_options IS
    'Internal: raises ME003 for an option that is null, out of range, unknown or contradictory.';
