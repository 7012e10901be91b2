-- 300 instruments over all six classes. 24-hour markets have more bars: feed is one round of the
-- ticker tape. Three instruments of the feed have no class in symbols, three are not listed at all.
CREATE TABLE symbols (
    id          uuid PRIMARY KEY,
    ticker      varchar(50) NOT NULL,
    venue       varchar(50),
    asset_class varchar(20),
    is_active   boolean NOT NULL DEFAULT true,
    UNIQUE (ticker, venue)
);
CREATE INDEX idx_symbols_ticker_asset_class ON symbols (ticker, asset_class);

CREATE TABLE feed AS
SELECT 'S' || lpad(instrument::text, 3, '0') AS ticker,
       class.name AS asset_class,
       class.venue,
       md5('slot ' || instrument || ' ' || repeat) AS place
  FROM (VALUES (1, 140, 'STOCK', 'NASDAQ', 1), (141, 200, 'STOCK_BIST', 'BIST', 1),
               (201, 240, 'ETF', 'NYSE', 1), (241, 270, 'CRYPTO', 'BINANCE', 5),
               (271, 290, 'FOREX', 'FOREX_MARKET', 3), (291, 300, 'COMMODITY', 'FOREX_MARKET', 3)
       ) AS class (first, last, name, venue, bars)
 CROSS JOIN LATERAL generate_series(class.first, class.last) AS instrument
 CROSS JOIN LATERAL generate_series(1, class.bars) AS repeat;

INSERT INTO symbols (id, ticker, venue, asset_class)
SELECT DISTINCT md5(ticker)::uuid, ticker, venue,
       CASE WHEN ticker NOT IN ('S101', 'S102', 'S103') THEN asset_class END
  FROM feed
 WHERE ticker NOT IN ('S104', 'S105', 'S106');
