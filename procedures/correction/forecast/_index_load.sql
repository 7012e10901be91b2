CREATE OR REPLACE FUNCTION etl._index_load(p_target etl.correction_target, p_entries numeric)
RETURNS TABLE (relation oid, pages numeric, entries numeric, growth_bytes numeric, predicate text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_index_load$
-- What an index of the fact table has to take in where p_entries rows of the table get a new
-- version that is not HOT: pages it has, entries it gets, and by how much it grows. From the
-- catalogs alone.
-- predicate: of a partial index; the share of rows that fulfil it is the caller's to apply.
--
-- Pages of a B-tree that is filled in no order are full to ln 2, so that is what it takes to grow
-- by an entry. An entry of the new version bears the key of the old one, and deduplication makes a
-- posting list of both: 16 bytes instead of a whole entry. BRIN summarizes and does not grow.
SELECT i.indexrelid, x.relpages::numeric, load.entries,
       CASE WHEN a.amname = 'brin' THEN 0
            ELSE load.entries
                 * CASE WHEN a.amname = 'btree' AND NOT has.value AND has.deduplication
                        THEN least(16, had.bytes_per_entry) ELSE had.bytes_per_entry END
                 / usable.share END,
       pg_get_expr(i.indpred, i.indrelid)
  FROM etl._leaf_tables(p_target.fact_table) l
  JOIN pg_index i ON i.indrelid = l.relation AND i.indisready
  JOIN pg_class x ON x.oid = i.indexrelid
  JOIN pg_class t ON t.oid = i.indrelid
  JOIN pg_am a ON a.oid = x.relam
 CROSS JOIN LATERAL (SELECT 0.69 * 8168 / 8192 AS share) AS usable
 CROSS JOIN LATERAL (
     SELECT p_entries * t.reltuples::numeric
            / nullif(sum(f.reltuples) FILTER (WHERE f.reltuples > 0), 0)::numeric AS entries
       FROM etl._leaf_tables(p_target.fact_table) o
       JOIN pg_class f ON f.oid = o.relation) AS load
 CROSS JOIN LATERAL (
     SELECT x.relpages * 8192.0 * usable.share
            / greatest(x.reltuples, 1)::numeric AS bytes_per_entry) AS had
 CROSS JOIN LATERAL (
     SELECT coalesce((SELECT v.attnum FROM pg_attribute v
                       WHERE v.attrelid = i.indrelid AND v.attname = p_target.value_column)
                     = ANY (i.indkey::int2[]), false) AS value,
            NOT 'deduplicate_items=off' = ANY (coalesce(x.reloptions, '{}'))
            AND i.indnatts = i.indnkeyatts
            AND NOT EXISTS (
                SELECT FROM unnest(i.indclass::oid[]) AS c (oid)
                  JOIN pg_opclass o ON o.oid = c.oid
                 WHERE NOT EXISTS (
                     SELECT FROM pg_amproc p
                      WHERE p.amprocfamily = o.opcfamily AND p.amprocnum = 4
                        AND p.amproclefttype = o.opcintype
                        AND p.amprocrighttype = o.opcintype)) AS deduplication) AS has
 WHERE t.reltuples > 0
$_index_load$;
COMMENT ON FUNCTION etl._index_load IS
    'Internal: what new row versions mean for each index of a fact table.';
