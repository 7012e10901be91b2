CREATE OR REPLACE FUNCTION etl._ticker_order_clause(
    p_relation         regclass,
    VARIADIC p_columns text[]
) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_ticker_order_clause$
-- SQL clause COLLATE with which the first column is compared in the order of an index that begins
-- with these columns; '' for a type without collation. NULL: there is no such index. Only whole,
-- ascending indexes with the type's usual order serve: in any other order the next value after one
-- could not be had by a single probe. Values that are equal without being the same
-- (nondeterministic collations) would be passed over.
SELECT CASE WHEN i.indcollation[0] = 0::oid THEN ''
            ELSE (SELECT format(' COLLATE %I.%I', n.nspname, l.collname)
                    FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
                   WHERE l.oid = i.indcollation[0]) END
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree'
 WHERE i.indrelid = p_relation AND i.indisvalid AND i.indpred IS NULL
   AND i.indnkeyatts >= cardinality(p_columns)
   AND NOT EXISTS (
       SELECT FROM unnest(p_columns) WITH ORDINALITY AS k (column_name, position)
         LEFT JOIN pg_attribute a ON a.attrelid = p_relation AND a.attname = k.column_name
         LEFT JOIN pg_opclass o ON o.oid = i.indclass[k.position - 1]
         LEFT JOIN pg_collation l ON l.oid = i.indcollation[k.position - 1]
        WHERE a.attnum IS DISTINCT FROM i.indkey[k.position - 1]
           OR NOT o.opcdefault OR i.indoption[k.position - 1] NOT IN (0, 3)
           OR NOT l.collisdeterministic)
 ORDER BY c.relpages, i.indexrelid
 LIMIT 1
$_ticker_order_clause$;
COMMENT ON FUNCTION etl._ticker_order_clause IS
    'Internal: collation of an index by which distinct values are found one probe each; '
    'NULL: there is none.';
