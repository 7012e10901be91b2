CREATE OR REPLACE FUNCTION etl._named_counts(p_counts bigint[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_named_counts$
-- The counts of a measurement, name -> count.
SELECT jsonb_object_agg(n.name, n.count)
  FROM unnest(etl._count_names(), p_counts) AS n (name, count)
$_named_counts$;
COMMENT ON FUNCTION etl._named_counts IS
    'Internal: the counts of a measurement by name.';
