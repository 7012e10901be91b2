CREATE OR REPLACE FUNCTION etl._sample_run_options(p_options jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_sample_run_options$
-- The options that decide which rows a correction changes, and how: with others a sample run tells
-- nothing.
SELECT jsonb_object_agg(o.name, p_options -> o.name)
  FROM unnest(ARRAY['max_records_to_process', 'target_symbols', 'create_backup',
                    'only_process_null_asset_class', 'overwrite_existing_values']) AS o (name)
$_sample_run_options$;
COMMENT ON FUNCTION etl._sample_run_options IS
    'Internal: options that a sample run depends on.';
