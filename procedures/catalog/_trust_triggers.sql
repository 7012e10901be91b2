CREATE OR REPLACE FUNCTION etl._trust_triggers(p_fact_table regclass) RETURNS void
LANGUAGE sql
AS $_trust_triggers$
-- Triggers of the fact table may name their tables without schema. Where it has any, they find
-- those of the fact table's schema and of public for this transaction; pg_catalog stays first and
-- temporary objects last. Without triggers the path stays pinned: it would let whoever may create
-- operators in these schemas into our own statements. No SET clause: it would end with this
-- function.
SELECT pg_catalog.set_config('search_path',
           pg_catalog.format('pg_catalog, %I, public, pg_temp', n.nspname), true)
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
 WHERE c.oid OPERATOR(pg_catalog.=) p_fact_table
   AND EXISTS (  -- from each table with triggers up: the way down would pass all partitions
       WITH RECURSIVE above AS (
           SELECT t.tgrelid AS relation FROM pg_catalog.pg_trigger t WHERE NOT t.tgisinternal
            UNION
           SELECT i.inhparent
             FROM above a
             JOIN pg_catalog.pg_inherits i ON i.inhrelid OPERATOR(pg_catalog.=) a.relation)
       SELECT FROM above a WHERE a.relation OPERATOR(pg_catalog.=) p_fact_table)
$_trust_triggers$;
COMMENT ON FUNCTION etl._trust_triggers IS
    'Internal: search_path under which triggers of the fact table find their objects.';
