CREATE OR REPLACE FUNCTION etl._ticker_bars(
    p_target  etl.correction_target,
    p_tickers text[],
    p_count   boolean,
    p_read    boolean
) RETURNS TABLE (ticker text, bars bigint, first_bar timestamptz, last_bar timestamptz)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $_ticker_bars$
-- Bars of some tickers: how many, and the first and the last. Those come from an index on ticker
-- and time, or on ticker, one more column and time; otherwise from reading the bars. A time without
-- a zone is taken for UTC. A ticker without a row in the result has no bars, or they were not read.
-- p_count: count the bars.
-- p_read: read the bars where no index serves.
-- Every name in it is quoted by format, and it fills the columns that are returned.
-- @plpgsql_check_options: security_warnings = off, extra_warnings = off
DECLARE
    v_time text := (SELECT a.attname::text
                      FROM pg_attribute a
                     WHERE a.attrelid = p_target.fact_table
                       AND a.attname = etl._find_column(
                               p_target.fact_table,
                               'timestamp', 'bar_time', 'open_time', 'time', 'ts', 'date')
                       AND a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype,
                                          'date'::regtype));
    v_type text := etl._base_type(p_target.fact_table, p_target.match_column);
    v_between text;
BEGIN
    IF cardinality(p_tickers) = 0 THEN
        RETURN;
    ELSIF p_count OR (p_read AND v_time IS NULL) THEN
        NULL;
    ELSIF etl._ticker_order_clause(p_target.fact_table, p_target.match_column, v_time)
          IS NOT NULL THEN
        RETURN QUERY EXECUTE format($query$
            SELECT t.ticker, NULL::bigint, b.first::timestamptz, b.last::timestamptz
              FROM unnest($1) AS t (ticker)
             CROSS JOIN LATERAL (SELECT min(m.%1$I) AS first, max(m.%1$I) AS last
                                   FROM %2$s m WHERE m.%3$I = t.ticker::%4$s) b
             WHERE b.last IS NOT NULL
            $query$, v_time, p_target.fact_table, p_target.match_column, v_type) USING p_tickers;
        RETURN;
    ELSE
        SELECT a.attname::text INTO v_between
          FROM pg_index i
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[1] AND a.attnotnull
         WHERE i.indrelid = p_target.fact_table AND v_time IS NOT NULL
           AND etl._ticker_order_clause(p_target.fact_table, p_target.match_column,
                                        a.attname::text, v_time) IS NOT NULL
         ORDER BY i.indexrelid LIMIT 1;
        IF v_between IS NOT NULL THEN
            RETURN QUERY EXECUTE format($query$
                SELECT t.ticker, NULL::bigint, b.first::timestamptz, b.last::timestamptz
                  FROM unnest($1) AS t (ticker)
                 CROSS JOIN LATERAL (
                     WITH RECURSIVE x AS (
                         (SELECT m.%5$I AS value FROM %2$s m
                           WHERE m.%3$I = t.ticker::%4$s ORDER BY m.%5$I LIMIT 1)
                         UNION ALL
                         SELECT n.value
                           FROM x
                          CROSS JOIN LATERAL (SELECT m.%5$I AS value FROM %2$s m
                                               WHERE m.%3$I = t.ticker::%4$s AND m.%5$I > x.value
                                               ORDER BY m.%5$I LIMIT 1) n
                     )
                     SELECT min(l.first) AS first, max(l.last) AS last
                       FROM x
                      CROSS JOIN LATERAL (SELECT min(m.%1$I) AS first, max(m.%1$I) AS last
                                            FROM %2$s m
                                           WHERE m.%3$I = t.ticker::%4$s AND m.%5$I = x.value) l) b
                 WHERE b.last IS NOT NULL
                $query$, v_time, p_target.fact_table, p_target.match_column, v_type, v_between)
                USING p_tickers;
            RETURN;
        ELSIF NOT p_read THEN
            RETURN;
        END IF;
    END IF;
    RETURN QUERY EXECUTE format($query$
        SELECT m.%1$I::text, count(*), %2$s
          FROM %3$s m
         WHERE m.%1$I = ANY ($1::%4$s[])
         GROUP BY m.%1$I
        $query$, p_target.match_column,
        CASE WHEN v_time IS NULL THEN 'NULL::timestamptz, NULL::timestamptz'
             ELSE format('min(m.%1$I)::timestamptz, max(m.%1$I)::timestamptz', v_time) END,
        p_target.fact_table, v_type) USING p_tickers;
END
$_ticker_bars$;
COMMENT ON FUNCTION etl._ticker_bars IS
    'Internal: number, first and last bar of some tickers.';
