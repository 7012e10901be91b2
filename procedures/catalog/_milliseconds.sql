CREATE OR REPLACE FUNCTION etl._milliseconds(p_interval interval) RETURNS double precision
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_milliseconds$
SELECT extract(epoch FROM p_interval)::double precision * 1000
$_milliseconds$;
COMMENT ON FUNCTION etl._milliseconds IS 'Internal: length of an interval in milliseconds.';
