-- Two years of bars in the order in which they came, bench.rows in all. bench.missing is the share
-- without a class, spread evenly; all others are right.
INSERT INTO market_data (id, symbol, timeframe, "timestamp", open, high, low, close, volume,
                         asset_class, created_at, updated_at)
SELECT md5('bar ' || bar)::uuid,
       tape.tickers[1 + bar % tape.length],
       '1m',
       timestamptz '2024-01-01 00:00+00' + interval '2 years' * (bar / size.rows::float),
       100 + bar % 50, 101 + bar % 50, 99 + bar % 50, 100.5 + bar % 50, 1000 + bar % 977,
       CASE WHEN (hashint8(bar)::bigint + 2147483648) / 4294967296.0 >= size.missing
            THEN tape.classes[1 + bar % tape.length] END,
       timestamptz '2026-01-01 00:00+00',
       timestamptz '2026-01-01 00:00+00'
  FROM (SELECT current_setting('bench.rows')::bigint AS rows,
               current_setting('bench.missing')::float AS missing) AS size
 CROSS JOIN (SELECT array_agg(ticker ORDER BY place) AS tickers,
                    array_agg(asset_class ORDER BY place) AS classes,
                    count(*) AS length
               FROM feed) AS tape
 CROSS JOIN LATERAL generate_series(0, size.rows - 1) AS bar;
DROP TABLE feed;
