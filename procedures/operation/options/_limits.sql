CREATE OR REPLACE FUNCTION etl._limits() RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_limits$
-- The options that limit the load of an operation: NULL stands for no limit.
SELECT array_agg(r.option) FROM etl._option_ranges() r WHERE r.is_limit
$_limits$;
COMMENT ON FUNCTION etl._limits IS
    'Internal: names of the options that limit the load of an operation.';
