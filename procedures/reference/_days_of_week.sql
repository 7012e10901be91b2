CREATE OR REPLACE FUNCTION etl._days_of_week(p_value text) RETURNS integer[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_days_of_week$
-- The days that a column day_of_week means, 0 being Sunday: a number (7 is Sunday too), the English
-- name of a day or its beginning; NULL is every day. What cannot be read means none.
SELECT CASE
    WHEN p_value IS NULL THEN ARRAY[0, 1, 2, 3, 4, 5, 6]
    WHEN p_value ~ '^\s*[0-7]\s*$' THEN ARRAY[p_value::integer % 7]
    ELSE ARRAY(SELECT d.number::integer - 1
                 FROM unnest(etl._day_names()) WITH ORDINALITY AS d (name, number)
                WHERE length(btrim(p_value)) >= 3
                  AND starts_with(lower(d.name), lower(btrim(p_value)))) END
$_days_of_week$;
COMMENT ON FUNCTION etl._days_of_week IS
    'Internal: days of the week that a value of a trading session means.';
