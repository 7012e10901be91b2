CREATE OR REPLACE FUNCTION etl._orphaned_listings(
    p_target etl.correction_target,
    OUT tickers text[],
    OUT venues  text[]
)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_orphaned_listings$
-- Tickers with bars and no symbol, each with the venues that its bars name, in order; a venue is
-- NULL where they name none. Spellings of one venue count as one.
-- Tables: reads symbols and the fact table; all bars of the orphans where the bars have a venue.
-- Every name in the statement is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_venue text := etl._find_column(p_target.fact_table, 'venue', 'exchange', 'market');
BEGIN
    tickers := etl._orphaned_tickers(p_target);
    venues := array_fill(NULL::text, ARRAY[cardinality(tickers)]);
    IF v_venue IS NULL OR cardinality(tickers) = 0 THEN
        RETURN;
    END IF;
    -- INTO scalars from EXECUTE lets the scan run in parallel workers.
    EXECUTE format($query$
        SELECT array_agg(m.ticker), array_agg(m.venue)
          FROM (SELECT m.%1$I::text AS ticker, m.%2$I::text AS venue
                  FROM %3$s m
                 WHERE m.%1$I = ANY ($1::%4$s[])
                 GROUP BY m.%1$I, m.%2$I) m
        $query$, p_target.match_column, v_venue, p_target.fact_table,
        etl._base_type(p_target.fact_table, p_target.match_column))
    INTO tickers, venues USING tickers;
    SELECT array_agg(o.ticker ORDER BY o.ticker COLLATE "C", o.venue COLLATE "C"),
           array_agg(o.venue ORDER BY o.ticker COLLATE "C", o.venue COLLATE "C")
      INTO tickers, venues
      FROM (SELECT l.ticker, min(btrim(l.venue) COLLATE "C") AS venue, k.venue_key,
                   bool_or(k.venue_key IS NOT NULL) OVER (PARTITION BY l.ticker) AS is_known
              FROM unnest(tickers, venues) AS l (ticker, venue)
              JOIN (SELECT v.venue, etl._venue_key(v.venue) AS venue_key
                      FROM (SELECT DISTINCT u.venue FROM unnest(venues) AS u (venue)) v) k
                ON k.venue IS NOT DISTINCT FROM l.venue
             GROUP BY l.ticker, k.venue_key) o
     WHERE o.venue_key IS NOT NULL OR NOT o.is_known;
    venues := array_replace(venues, '', NULL);
END
$_orphaned_listings$;
COMMENT ON FUNCTION etl._orphaned_listings IS
    'Internal: tickers with bars and no symbol, and the venues that their bars name.';
