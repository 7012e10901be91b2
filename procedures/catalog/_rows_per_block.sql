CREATE OR REPLACE FUNCTION etl._rows_per_block(p_relation regclass) RETURNS real
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_rows_per_block$
-- From the statistics of the table; a usual figure where it was never vacuumed or analyzed.
SELECT CASE WHEN c.relpages > 0 AND c.reltuples > 0
            THEN greatest(c.reltuples / c.relpages, 1) ELSE 60 END::real
  FROM pg_class c
 WHERE c.oid = p_relation
$_rows_per_block$;
COMMENT ON FUNCTION etl._rows_per_block IS
    'Internal: rows to expect in a block of a table.';
