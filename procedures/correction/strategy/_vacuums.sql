CREATE OR REPLACE FUNCTION etl._vacuums(p_fact_table regclass) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_vacuums$
-- How often a table and its partitions were vacuumed: {"oid": number, ...}.
SELECT jsonb_object_agg(
           t.relation,
           pg_stat_get_vacuum_count(t.relation) + pg_stat_get_autovacuum_count(t.relation))
  FROM etl._leaf_tables(p_fact_table) t
$_vacuums$;
COMMENT ON FUNCTION etl._vacuums IS
    'Internal: how often each part of a table was vacuumed.';
