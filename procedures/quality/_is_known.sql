CREATE OR REPLACE FUNCTION etl._is_known(p_expression text, p_known_values text[]) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_is_known$
-- SQL condition: the text expression is a valid value. p_known_values NULL: any that is not blank.
SELECT CASE WHEN p_known_values IS NULL
            THEN format('btrim(%s) <> ''''', p_expression)
            ELSE format('%s = ANY (%L::text[])', p_expression, p_known_values) END
$_is_known$;
COMMENT ON FUNCTION etl._is_known(text, text[]) IS
    'Internal: SQL condition that a value is valid.';
