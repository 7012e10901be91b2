CREATE OR REPLACE FUNCTION etl._count_names() RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_count_names$
-- Order of the figures that etl._count_query() counts.
SELECT ARRAY['total', 'null', 'empty', 'unknown', 'mismatched', 'orphaned', 'ambiguous', 'unmappable',
             'correctable_blank', 'correctable_unknown', 'mapped', 'consistent', 'good', 'remaining']
$_count_names$;
COMMENT ON FUNCTION etl._count_names() IS
    'Internal: names of the counts of a measurement, in their order.';
