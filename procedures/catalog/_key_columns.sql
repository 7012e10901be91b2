CREATE OR REPLACE FUNCTION etl._key_columns(p_relation regclass) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_key_columns$
-- Columns of the primary key, or of the first unique index over NOT NULL columns; NULL: there is
-- none.
SELECT array_agg(a.attname::text ORDER BY k.position)
  FROM (SELECT i.indexrelid, i.indkey
          FROM pg_index i
         WHERE i.indrelid = p_relation AND i.indisunique AND i.indisvalid
           AND i.indpred IS NULL AND i.indexprs IS NULL
           AND NOT EXISTS (SELECT FROM unnest(i.indkey[0:i.indnkeyatts - 1]) AS c (attnum)
                             JOIN pg_attribute b ON b.attrelid = i.indrelid AND b.attnum = c.attnum
                            WHERE NOT b.attnotnull)
         ORDER BY i.indisprimary DESC, i.indexrelid
         LIMIT 1) x
  JOIN pg_index i ON i.indexrelid = x.indexrelid
 CROSS JOIN LATERAL unnest(x.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (attnum, position)
  JOIN pg_attribute a ON a.attrelid = p_relation AND a.attnum = k.attnum
$_key_columns$;
COMMENT ON FUNCTION etl._key_columns IS
    'Internal: columns that identify a row of a table.';
