CREATE OR REPLACE FUNCTION etl._allow_joins(p_target etl.correction_target) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_allow_joins$
-- Where no index finds rows by their key, a scan for each row would be worse than any join: allows
-- those that a function with these settings off has ruled out, until it ends.
BEGIN
    IF NOT etl._has_key_index(p_target) THEN
        PERFORM set_config('enable_hashjoin', 'on', true),
                set_config('enable_mergejoin', 'on', true),
                set_config('enable_seqscan', 'on', true);
    END IF;
END
$_allow_joins$;
COMMENT ON FUNCTION etl._allow_joins IS
    'Internal: lets the planner join by other ways where no index finds rows by their key.';
