CREATE OR REPLACE FUNCTION etl._is_time_zone(p_name text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_is_time_zone$
-- Whether the server can compute with a time zone. Asking pg_timezone_names reads every file of
-- them.
BEGIN
    RETURN timestamp '2000-01-01' AT TIME ZONE p_name IS NOT NULL;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN false;
END
$_is_time_zone$;
COMMENT ON FUNCTION etl._is_time_zone IS
    'Internal: whether the server knows a time zone.';
