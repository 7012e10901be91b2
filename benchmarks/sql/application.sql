-- A feed handler: updates the newest bar of an instrument, begins a new one now and then, and reads
-- the latest bars for a chart.
\set instrument random(1, 300)
\set event random(1, 10)
BEGIN;
UPDATE market_data
   SET close = close + 0.01, volume = volume + 1, updated_at = now()
 WHERE symbol = 'S' || lpad((:instrument)::text, 3, '0') AND timeframe = '1m'
   AND "timestamp" = (SELECT max(m."timestamp") FROM market_data m
                       WHERE m.symbol = 'S' || lpad((:instrument)::text, 3, '0')
                         AND m.timeframe = '1m');
\if :event = 1
INSERT INTO market_data (symbol, timeframe, "timestamp", open, high, low, close, volume)
VALUES ('S' || lpad((:instrument)::text, 3, '0'), '1m', clock_timestamp(), 100, 101, 99, 100.5, 1);
\endif
END;
SELECT "timestamp", open, high, low, close, volume, asset_class
  FROM market_data
 WHERE symbol = 'S' || lpad((:instrument)::text, 3, '0') AND timeframe = '1m'
 ORDER BY "timestamp" DESC
 LIMIT 50;
