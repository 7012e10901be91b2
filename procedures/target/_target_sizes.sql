CREATE OR REPLACE FUNCTION etl._target_sizes(
    p_fact_table regclass,
    OUT table_bytes bigint,
    OUT index_bytes bigint
)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_target_sizes$
-- Size of a fact table with all its partitions, and of their indexes, without TOAST and maps.
SELECT coalesce(sum(pg_relation_size(l.relation)), 0)::bigint,
       coalesce(sum(pg_indexes_size(l.relation)), 0)::bigint
  FROM etl._leaf_tables(p_fact_table) l
$_target_sizes$;
COMMENT ON FUNCTION etl._target_sizes IS
    'Internal: sizes of a fact table and of its indexes.';
