CREATE OR REPLACE FUNCTION etl._count_names() RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_count_names$
-- Names of the counts, in the order in which they are stored; see etl._counts().
SELECT array_agg(c.name ORDER BY c.position)
  FROM etl._counts(NULL, NULL) WITH ORDINALITY AS c (name, condition, is_cured, position)
$_count_names$;
COMMENT ON FUNCTION etl._count_names IS
    'Internal: names of the counts of a measurement, in their order.';
