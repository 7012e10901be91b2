CREATE OR REPLACE FUNCTION etl.find_orphaned_symbols(
    target     text DEFAULT 'market_data',
    count_bars boolean DEFAULT false
)
RETURNS TABLE (
    ticker text, bars bigint, first_bar timestamptz, last_bar timestamptz,
    partner_ticker text, partner_venue text, partner_asset_class text
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $find_orphaned_symbols$
-- Tables: reads the fact table, by one probe of an index per ticker where there is one, and
-- symbols.
-- Raises ME004.
-- SECURITY DEFINER: readers have no rights on the tables.
DECLARE
    r_target  etl.correction_target := etl._require_target(find_orphaned_symbols.target);
    v_tickers text[] := etl._orphaned_tickers(r_target);
    v_known   text[];
    v_venues  text[];
    v_classes text[];
BEGIN
    IF cardinality(v_tickers) = 0 THEN
        RETURN;
    END IF;
    SELECT array_agg(s.fields ->> 'ticker'), array_agg(s.fields ->> 'venue'),
           array_agg(s.fields ->> 'asset_class')
      INTO v_known, v_venues, v_classes
      FROM etl._platform_rows('symbol') s;
    RETURN QUERY
    SELECT o.ticker, b.bars, b.first_bar, b.last_bar, p.ticker, p.venue, p.asset_class
      FROM unnest(v_tickers) WITH ORDINALITY AS o (ticker, item)
      JOIN etl._partner_keys(v_tickers) k ON k.item = o.item
      LEFT JOIN etl._ticker_bars(r_target, v_tickers, find_orphaned_symbols.count_bars, false) b
        ON b.ticker = o.ticker
      LEFT JOIN (SELECT DISTINCT ON (x.partner_key) x.partner_key, s.ticker, s.venue, s.asset_class
                   FROM etl._partner_keys(v_known) x
                   JOIN unnest(v_known, v_venues, v_classes)
                        WITH ORDINALITY AS s (ticker, venue, asset_class, item)
                     ON s.item = x.item
                  ORDER BY x.partner_key, s.asset_class IS NULL, s.ticker COLLATE "C",
                           s.venue COLLATE "C") p
        ON p.partner_key = k.partner_key
     ORDER BY o.item;
END
$find_orphaned_symbols$;
COMMENT ON FUNCTION etl.find_orphaned_symbols IS $comment$
Lists the tickers that have bars and no symbol, as the bars write them.
It costs one probe of an index per ticker where an index leads with the ticker, otherwise one pass.
first_bar and last_bar come from an index on ticker and time, or from count_bars; they are NULL
otherwise. partner_ticker, partner_venue and partner_asset_class are the symbol that probably means
the same (EURUSD and EURUSD=X, THYAO and THYAO.IS); likely, not certain.

Parameters:
  count_bars: Read the bars of these tickers and count them.
As in etl.correct_asset_classes: target.
Raises ME004.
$comment$;
