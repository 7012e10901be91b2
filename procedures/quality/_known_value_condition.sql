CREATE OR REPLACE FUNCTION etl._known_value_condition(p_expression text, p_known_values text[])
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_known_value_condition$
-- SQL condition: the text expression is a valid value.
-- p_known_values: the valid values; NULL: any that is not blank.
SELECT CASE WHEN p_known_values IS NULL
            THEN format('btrim(%s) <> ''''', p_expression)
            ELSE format('%s = ANY (%L::text[])', p_expression, p_known_values) END
$_known_value_condition$;
COMMENT ON FUNCTION etl._known_value_condition IS
    'Internal: SQL condition that a value is valid.';
