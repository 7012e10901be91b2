CREATE OR REPLACE FUNCTION etl._tickers_query(p_target etl.correction_target) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_tickers_query$
-- Query for the distinct tickers of the fact table, in a column ticker of type text; never NULL.
-- Where an index leads with the ticker, and tickers are few among the bars, each takes one probe of
-- the index (a loose index scan), in each leaf table; otherwise the table is read once.
DECLARE
    v_parts text[] := ARRAY[]::text[];
    r_leaf  record;
BEGIN
    FOR r_leaf IN
        SELECT l.relation::regclass AS relation,
               etl._ticker_order_clause(l.relation, p_target.match_column) AS collation,
               -- Twenty bars for each ticker: below that, reading the table costs less than the
               -- probes.
               coalesce(CASE WHEN s.n_distinct < 0 THEN -s.n_distinct * c.reltuples
                             ELSE s.n_distinct END * 20 <= c.reltuples
                        OR c.reltuples < 0, true) AS are_few
          FROM etl._leaf_tables(p_target.fact_table) l
          JOIN pg_class c ON c.oid = l.relation
          JOIN pg_namespace n ON n.oid = c.relnamespace
          LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname
                              AND s.attname = p_target.match_column AND NOT s.inherited
    LOOP
        v_parts := v_parts || CASE WHEN r_leaf.collation IS NOT NULL
                                        AND r_leaf.are_few THEN format($query$
            (WITH RECURSIVE t AS (
                (SELECT m.%1$I AS value FROM ONLY %2$s m
                  WHERE m.%1$I IS NOT NULL ORDER BY m.%1$I%3$s LIMIT 1)
                UNION ALL
                SELECT n.value
                  FROM t
                 CROSS JOIN LATERAL (SELECT m.%1$I AS value FROM ONLY %2$s m
                                      WHERE m.%1$I%3$s > t.value ORDER BY m.%1$I%3$s LIMIT 1) n
            ) SELECT t.value::text COLLATE "C" AS ticker FROM t)
            $query$, p_target.match_column, r_leaf.relation, r_leaf.collation) END;
    END LOOP;
    IF cardinality(v_parts) = 0 OR array_position(v_parts, NULL) IS NOT NULL THEN
        RETURN format('SELECT m.%1$I::text COLLATE "C" AS ticker FROM %2$s m '
                      'WHERE m.%1$I IS NOT NULL GROUP BY m.%1$I',
                      p_target.match_column, p_target.fact_table);
    END IF;
    RETURN array_to_string(v_parts, ' UNION ');
END
$_tickers_query$;
COMMENT ON FUNCTION etl._tickers_query IS
    'Internal: query for the distinct tickers of a fact table.';
