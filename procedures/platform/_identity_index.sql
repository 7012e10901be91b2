CREATE OR REPLACE FUNCTION etl._identity_index(p_entity text, p_relation regclass) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_identity_index$
-- Columns of the unique index that stops the second of two rows with the same identity; NULL: none
-- does. The one with the most columns; a deferred constraint stops nobody in time.
SELECT k.columns
  FROM pg_index i
 CROSS JOIN LATERAL (SELECT array_agg(a.attname::text) AS columns
                       FROM unnest(i.indkey[0:i.indnkeyatts - 1]) AS x (attnum)
                       JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = x.attnum) k
 WHERE i.indrelid = p_relation AND i.indisunique AND i.indisvalid AND i.indimmediate
   AND i.indpred IS NULL AND i.indexprs IS NULL
   AND k.columns <@ ARRAY(SELECT c.column_name FROM etl._platform_columns(p_entity, p_relation) c
                           WHERE c.is_identity)
 ORDER BY cardinality(k.columns) DESC, i.indexrelid
 LIMIT 1
$_identity_index$;
COMMENT ON FUNCTION etl._identity_index IS
    'Internal: columns of the unique index that tells rows of a table of the platform apart.';
