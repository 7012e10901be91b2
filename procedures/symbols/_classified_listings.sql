CREATE OR REPLACE FUNCTION etl._classified_listings(p_tickers text[], p_venues text[])
RETURNS TABLE (
    item integer, ticker text, venue text, normal text, asset_class text, asset_class_id jsonb,
    market_id jsonb, base_currency text, quote_currency text, needs_enrichment boolean,
    venue_keys text[], classification jsonb
)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_classified_listings$
-- Listings with their class and the keys of asset class and market.
-- asset_class: NULL where no rule is sure: a wrong class is worse than none.
-- venue: by the code of the platform's market where there is one, otherwise as it was given, or as
-- the ticker names it.
-- normal: the ticker in its usual form; NULL: it is none.
-- venue_keys: forms of the venue to compare with.
-- classification: what is put on record.
WITH listing AS MATERIALIZED (
    SELECT l.item::integer, l.ticker, nullif(btrim(l.venue), '') AS venue, c.ticker AS normal,
           CASE WHEN NOT c.needs_review THEN c.asset_class END AS asset_class,
           c.base_currency, c.quote_currency, c.needs_enrichment, c.venue AS named_venue,
           jsonb_build_object(
               'asset_class', CASE WHEN c.needs_review THEN 'UNKNOWN' ELSE c.asset_class END,
               'rule', c.rule, 'confidence', c.confidence, 'needs_review', c.needs_review,
               'reason', CASE WHEN c.needs_review AND c.asset_class <> 'UNKNOWN'
                              THEN format('perhaps %s: %s', c.asset_class, c.reason)
                              ELSE c.reason END) AS classification
      FROM unnest(p_tickers, p_venues) WITH ORDINALITY AS l (ticker, venue, item)
      JOIN etl._classify(p_tickers, p_venues) c ON c.item = l.item
), market AS MATERIALIZED (
    SELECT k.code, k.value, etl._venue_key(k.code) AS venue_key
      FROM etl._symbol_links('market_id') k
), venue AS MATERIALIZED (
    SELECT v.venue, v.named_venue, m.code, m.value AS market_id,
           array_remove(ARRAY[etl._venue_key(v.venue), etl._venue_key(v.named_venue)],
                        NULL) AS venue_keys
      FROM (SELECT DISTINCT l.venue, l.named_venue FROM listing l) v
      LEFT JOIN LATERAL (SELECT k.code, k.value
                           FROM market k
                          WHERE k.venue_key IN (etl._venue_key(v.venue),
                                                etl._venue_key(v.named_venue))
                          ORDER BY k.venue_key = etl._venue_key(v.venue) DESC LIMIT 1) m ON true
)
SELECT l.item, l.ticker, coalesce(v.code, l.venue, l.named_venue), l.normal, l.asset_class, a.value,
       v.market_id, l.base_currency, l.quote_currency, l.needs_enrichment, v.venue_keys,
       l.classification
  FROM listing l
  JOIN venue v ON v.venue IS NOT DISTINCT FROM l.venue
              AND v.named_venue IS NOT DISTINCT FROM l.named_venue
  LEFT JOIN etl._symbol_links('asset_class_id') a ON a.code = coalesce(l.asset_class, 'UNKNOWN')
$_classified_listings$;
COMMENT ON FUNCTION etl._classified_listings IS
    'Internal: listings with class, asset class and market.';
