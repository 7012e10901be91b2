CREATE OR REPLACE FUNCTION etl._correction_condition(
    p_target  etl.correction_target,
    p_options jsonb,
    p_value   text
) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_correction_condition$
-- SQL condition on a value and its mapping map: the value can be mapped, and the options ask
-- for its correction.
-- p_value: SQL expression of the value, as text.
SELECT 'map.verdict = ''mapped'' AND ' || CASE
    WHEN (p_options ->> 'overwrite_existing_values')::boolean THEN
        format('%s IS DISTINCT FROM map.new_value', p_value)
    WHEN (p_options ->> 'only_process_null_asset_class')::boolean THEN
        format('(%1$s IS NULL OR %1$s = '''')', p_value)
    ELSE
        format('(%1$s IS NULL OR %1$s = '''' OR NOT (%2$s))', p_value,
               etl._known_value_condition(p_value, p_target.known_values))
    END || CASE
    WHEN jsonb_typeof(p_options -> 'target_symbols') = 'array' THEN
        format(' AND map.match_value = ANY (%L::text[])',
               ARRAY(SELECT jsonb_array_elements_text(p_options -> 'target_symbols')))
    ELSE '' END
$_correction_condition$;
COMMENT ON FUNCTION etl._correction_condition IS
    'Internal: SQL condition that a value can be corrected and the options ask for it.';
