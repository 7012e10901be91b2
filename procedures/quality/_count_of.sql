CREATE OR REPLACE FUNCTION etl._count_of(p_counts bigint[], p_name text) RETURNS bigint
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_count_of$
-- One of the counts of a measurement, by its name in etl._counts().
SELECT p_counts[array_position(etl._count_names(), p_name)]
$_count_of$;
COMMENT ON FUNCTION etl._count_of IS
    'Internal: one of the counts of a measurement.';
