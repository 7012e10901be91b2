CREATE OR REPLACE FUNCTION etl._table_extra_statements(p_name text) RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_table_extra_statements$
-- SQL of indexes and comments of a table of the platform, for etl._create_platform_tables(); %s is
-- the table. The indexes of the operations guides, and one for every foreign key.
SELECT array_agg(e.statement)
  FROM (VALUES
    ('asset_classes', 'COMMENT ON TABLE %s IS ''Classes of what is traded.'''),
    ('asset_classes',
     'COMMENT ON COLUMN %s.code IS ''CRYPTO, STOCK and so on, as symbols and bars name them.'''),
    ('markets', 'CREATE INDEX ON %s (asset_class_id)'),
    ('markets', 'COMMENT ON TABLE %s IS ''Where things are traded.'''),
    ('markets',
     'COMMENT ON COLUMN %s.asset_class_id IS ''What is traded there for the most part.'''),
    ('markets',
     'COMMENT ON COLUMN %s.time_zone IS ''IANA name; trading sessions are wall time of it.'''),
    ('trading_sessions', 'COMMENT ON TABLE %s IS ''When markets are open, day by day.'''),
    ('trading_sessions',
     'COMMENT ON COLUMN %s.session_type IS '
     '''REGULAR, PRE_MARKET, AFTER_HOURS, OPENING_AUCTION, CLOSING_AUCTION.'''),
    ('trading_sessions',
     'COMMENT ON COLUMN %s.day_of_week IS ''Day on which it begins: 0 Sunday to 6 Saturday.'''),
    ('trading_sessions', 'COMMENT ON COLUMN %s.start_time IS ''Wall time of time_zone.'''),
    ('trading_sessions',
     'COMMENT ON COLUMN %s.end_time IS '
     '''Wall time of time_zone; not after start_time: on the next day.'''),
    ('trading_sessions',
     'COMMENT ON COLUMN %s.time_zone IS ''IANA name; NULL: that of the market.'''),
    ('trading_sessions', 'COMMENT ON COLUMN %s.is_trading_enabled IS ''False: a break.'''),
    ('data_providers', 'CREATE INDEX ON %s (market_id)'),
    ('data_providers', 'COMMENT ON TABLE %s IS ''Outside sources of data. No secrets here.'''),
    ('data_providers',
     'COMMENT ON COLUMN %s.market_id IS ''The one market that it serves; NULL: several.'''),
    ('data_providers', 'COMMENT ON COLUMN %s.priority IS ''Smaller is asked first.'''),
    ('symbols', 'CREATE INDEX idx_symbols_ticker_asset_class ON %s (ticker, asset_class)'),
    ('symbols', 'CREATE INDEX idx_symbols_ticker_lookup ON %s (ticker) WHERE is_active = true'),
    ('symbols', 'CREATE INDEX ON %s (asset_class_id)'),
    ('symbols', 'CREATE INDEX ON %s (market_id)'),
    ('symbols', 'COMMENT ON TABLE %s IS ''What is traded: one row for each ticker and venue.'''),
    ('symbols',
     'COMMENT ON COLUMN %s.asset_class IS '
     '''Code of its class; what bars of the ticker are corrected to.'''),
    ('symbols', 'COMMENT ON COLUMN %s.venue IS ''Code of the market; NULL: not known.'''),
    ('market_data',
     'CREATE INDEX idx_market_data_symbol_asset_class ON %s (symbol, asset_class) '
     'WHERE asset_class IS NULL'),
    ('market_data',
     'COMMENT ON TABLE %s IS '
     '''Bars: open, high, low, close and volume of a symbol in a span of time.'''),
    ('market_data', 'COMMENT ON COLUMN %s.symbol IS ''Ticker, as in symbols.'''),
    ('market_data',
     'COMMENT ON COLUMN %s.asset_class IS '
     '''Class of the symbol; kept right by CALL etl.correct_asset_classes().'''),
    ('market_data', 'COMMENT ON COLUMN %s."timestamp" IS ''When the bar begins.''')
  ) AS e (name, statement)
 WHERE e.name = p_name
$_table_extra_statements$;
COMMENT ON FUNCTION etl._table_extra_statements IS
    'Internal: indexes and comments of a table of the platform.';
