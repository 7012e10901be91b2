CREATE OR REPLACE FUNCTION etl._parse_listings(
    p_tickers text[],
    p_venues  text[],
    OUT item      integer,
    OUT ticker    text,
    OUT body      text,
    OUT venue     text,
    OUT kind      text,
    OUT currency  text,
    OUT conflict  text
) RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_parse_listings$
-- Takes listings apart, one row for each element: the normalised ticker; the body, which is what
-- is left without a venue written into it (BINANCE:BTCUSDT, THYAO.IS); and the venue, by its one
-- name, with kind and currency. A venue that is given outranks the written one, unless it is a
-- vendor or not listed. Where two markets of different kinds or currencies are named the ticker is
-- left whole, and conflict says which other one it names: BRK.B is no suffix, and VOD.L on
-- NASDAQ is nobody's guess.
WITH given AS MATERIALIZED (
    SELECT g.item::integer, g.ticker AS raw, g.venue AS raw_venue
      FROM unnest(p_tickers, p_venues) WITH ORDINALITY AS g (ticker, venue, item)
     WHERE g.item <= cardinality(p_tickers)
), named AS MATERIALIZED (
    SELECT v.raw_venue, k.venue_key, a.venue, coalesce(n.kind, 'unlisted') AS kind, n.currency
      FROM (SELECT DISTINCT g.raw_venue FROM given g) v
     CROSS JOIN LATERAL (SELECT etl._venue_key(v.raw_venue) AS venue_key) k
      LEFT JOIN etl.venue_alias a ON a.alias = k.venue_key
      LEFT JOIN etl.venue n ON n.venue = a.venue
     WHERE k.venue_key IS NOT NULL
), written AS MATERIALIZED (
    SELECT a.alias AS mark, n.venue, n.kind, n.currency
      FROM etl.venue_alias a JOIN etl.venue n ON n.venue = a.venue
     WHERE a.alias ~ '^\.|:$'
    UNION ALL
    SELECT m.mark, n.venue, n.kind, n.currency
      FROM etl.venue_alias a
      JOIN etl.venue n ON n.venue = a.venue
     CROSS JOIN LATERAL (VALUES (a.alias || ':'), ('.' || a.alias)) m (mark)
     WHERE (a.alias ~ '^[A-Z0-9]{3,}$' OR (a.alias ~ '^[A-Z0-9]{2}$' AND m.mark ~ ':$'))
       AND NOT EXISTS (SELECT FROM etl.venue_alias x WHERE x.alias = m.mark)
), listing AS MATERIALIZED (
    SELECT g.item, t.ticker, coalesce(n.venue, n.venue_key) AS venue,
           coalesce(n.kind, 'none') AS kind, n.currency,
           replace(substring(t.ticker FROM '^[^:]+:(?=.)'), '_', '') AS prefix
      FROM given g
     CROSS JOIN LATERAL (SELECT etl._normalize_ticker(g.raw) AS ticker) t
      LEFT JOIN named n ON n.raw_venue = g.raw_venue
), unprefixed AS MATERIALIZED (
    SELECT l.item, l.ticker,
               CASE WHEN s.is_ours THEN substring(l.ticker FROM '^[^:]+:(.*)$')
                    ELSE l.ticker END AS body,
           CASE WHEN s.is_better THEN w.venue ELSE l.venue END AS venue,
           CASE WHEN s.is_better THEN w.kind ELSE l.kind END AS kind,
           CASE WHEN s.is_better THEN w.currency ELSE l.currency END AS currency,
           CASE WHEN NOT s.is_ours THEN w.venue END AS conflict
      FROM listing l
      LEFT JOIN written w ON w.mark = l.prefix
     CROSS JOIN LATERAL (
         SELECT b.is_better,
                b.is_better OR (w.kind = l.kind AND w.currency IS NOT DISTINCT FROM l.currency)
                OR w.kind = 'vendor' AS is_ours
           FROM (SELECT w.venue IS NOT NULL
                        AND l.kind IN ('none', 'unlisted', 'vendor')) b (is_better)
     ) s
), suffixed AS MATERIALIZED (
    SELECT u.*, substring(u.body FROM '\.[A-Z0-9]+$') AS suffix FROM unprefixed u
)
SELECT u.item, u.ticker,
       CASE WHEN s.is_ours THEN left(u.body, -char_length(u.suffix)) ELSE u.body END,
       CASE WHEN s.is_better THEN w.venue ELSE u.venue END,
       CASE WHEN s.is_better THEN w.kind ELSE u.kind END,
       CASE WHEN s.is_better THEN w.currency ELSE u.currency END,
       coalesce(u.conflict, CASE WHEN NOT s.is_ours THEN w.venue END)
  FROM suffixed u
  LEFT JOIN written w ON w.mark = u.suffix AND u.suffix <> u.body
 CROSS JOIN LATERAL (
     SELECT b.is_better,
            b.is_better
            OR (w.kind = u.kind AND w.currency IS NOT DISTINCT FROM u.currency) AS is_ours
       FROM (SELECT w.venue IS NOT NULL
                    AND u.kind IN ('none', 'unlisted', 'vendor')) b (is_better)
 ) s
$_parse_listings$;
COMMENT ON FUNCTION etl._parse_listings IS
    'Internal: normalised tickers, taken apart into what is traded and where.';
