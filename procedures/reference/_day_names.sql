CREATE OR REPLACE FUNCTION etl._day_names() RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_day_names$
-- By number plus one: 0 is Sunday, as for extract(dow ...) and .NET's DayOfWeek.
SELECT ARRAY['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
$_day_names$;
COMMENT ON FUNCTION etl._day_names IS
    'Internal: names of the days of the week, from Sunday.';
