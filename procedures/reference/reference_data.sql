CREATE OR REPLACE FUNCTION etl.reference_data(
    OUT component  text,
    OUT code       text,
    OUT ordinal    integer,
    OUT attributes jsonb
) RETURNS SETOF record
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $reference_data$
-- The reference data: nothing but data, to be reviewed line by line.
-- Attributes bear the names of etl._platform_fields(). Times of sessions are wall time of the
-- market's time zone; days 0 to 6 are Sunday to Saturday, on which a session begins; an end that is
-- not after the start is on the next day. Limits of providers are those of their free plans; no
-- secrets here.
VALUES
-- asset_classes: those of the pipeline guide, and two that tickers are classified into beside them.
    ('asset_classes', 'CRYPTO', 1, jsonb
     '{"name": "Cryptocurrency", "description": "Coins and tokens, traded in pairs",'
     ' "primary_currency": "USD", "supports_24x7_trading": true, "supports_fractional": true,'
     ' "price_precision": 8, "quantity_precision": 8}'),
    ('asset_classes', 'STOCK', 2,
     '{"name": "Stock", "description": "Shares listed on exchanges other than Borsa Istanbul",'
     ' "primary_currency": "USD", "supports_24x7_trading": false, "supports_fractional": true,'
     ' "price_precision": 4, "quantity_precision": 4}'),
    ('asset_classes', 'STOCK_BIST', 3,
     '{"name": "Stock (Borsa Istanbul)", "description": "Shares listed on Borsa Istanbul",'
     ' "primary_currency": "TRY", "supports_24x7_trading": false, "supports_fractional": false,'
     ' "price_precision": 2, "quantity_precision": 0}'),
    ('asset_classes', 'FOREX', 4,
     '{"name": "Currency pair", "description": "Pairs of ISO 4217 currencies",'
     ' "primary_currency": "USD", "supports_24x7_trading": false, "supports_fractional": true,'
     ' "price_precision": 6, "quantity_precision": 2}'),
    ('asset_classes', 'COMMODITY', 5,
     '{"name": "Commodity", "description": "Metals, energy and agricultural goods",'
     ' "primary_currency": "USD", "supports_24x7_trading": false, "supports_fractional": true,'
     ' "price_precision": 4, "quantity_precision": 4}'),
    ('asset_classes', 'ETF', 6,
     '{"name": "Exchange-traded fund", "description": "Funds whose shares trade on an exchange",'
     ' "primary_currency": "USD", "supports_24x7_trading": false, "supports_fractional": true,'
     ' "price_precision": 4, "quantity_precision": 4}'),
    ('asset_classes', 'INDEX', 7,
     '{"name": "Index", "description": "Computed figures; not traded themselves",'
     ' "primary_currency": "USD", "supports_24x7_trading": false, "supports_fractional": false,'
     ' "price_precision": 4, "quantity_precision": 0}'),
    ('asset_classes', 'FUTURE', 8,
     '{"name": "Future", "description": "Exchange contracts on anything but a commodity",'
     ' "primary_currency": "USD", "supports_24x7_trading": false, "supports_fractional": false,'
     ' "price_precision": 4, "quantity_precision": 0}'),

-- markets: those of the pipeline guide, and further venues that bars and symbols name.
    ('markets', 'BINANCE', 1,
     '{"name": "Binance", "description": "Crypto exchange",'
     ' "asset_class": "CRYPTO", "time_zone": "UTC", "primary_currency": "USDT"}'),
    ('markets', 'COINBASE', 2,
     '{"name": "Coinbase Exchange", "description": "Crypto exchange, formerly GDAX",'
     ' "asset_class": "CRYPTO", "country_code": "US",'
     ' "time_zone": "UTC", "primary_currency": "USD"}'),
    ('markets', 'BITFINEX', 3,
     '{"name": "Bitfinex", "description": "Crypto exchange",'
     ' "asset_class": "CRYPTO", "time_zone": "UTC", "primary_currency": "USD"}'),
    ('markets', 'YAHOO_FINANCE', 4,
     '{"name": "Yahoo Finance crypto pairs",'
     ' "description": "Prices of many exchanges put together, quoted as BTC-USD",'
     ' "asset_class": "CRYPTO", "time_zone": "UTC", "primary_currency": "USD"}'),
    ('markets', 'BIST', 5,
     '{"name": "Borsa Istanbul", "description": "Equity market",'
     ' "asset_class": "STOCK_BIST", "country_code": "TR",'
     ' "time_zone": "Europe/Istanbul", "primary_currency": "TRY"}'),
    ('markets', 'NASDAQ', 6,
     '{"name": "Nasdaq Stock Market", "description": "Shares and funds",'
     ' "asset_class": "STOCK", "country_code": "US",'
     ' "time_zone": "America/New_York", "primary_currency": "USD"}'),
    ('markets', 'NYSE', 7,
     '{"name": "New York Stock Exchange",'
     ' "description": "Shares and funds, with those of NYSE Arca and NYSE American",'
     ' "asset_class": "STOCK", "country_code": "US",'
     ' "time_zone": "America/New_York", "primary_currency": "USD"}'),
    ('markets', 'FOREX_MARKET', 8,
     '{"name": "Interbank currency market",'
     ' "description": "Over the counter, around the clock on weekdays",'
     ' "asset_class": "FOREX", "time_zone": "America/New_York", "primary_currency": "USD"}'),
    ('markets', 'OANDA', 9,
     '{"name": "OANDA", "description": "Broker for currencies, metals and other goods",'
     ' "asset_class": "FOREX", "country_code": "US",'
     ' "time_zone": "America/New_York", "primary_currency": "USD"}'),

-- trading_sessions: one row for all days on which a session is the same. Holidays are not known
-- here.
    ('trading_sessions', 'BINANCE/Continuous', 1,
     '{"market": "BINANCE", "session_name": "Continuous", "session_type": "REGULAR",'
     ' "days": [0, 1, 2, 3, 4, 5, 6], "start_time": "00:00", "end_time": "00:00",'
     ' "is_primary": true}'),
    ('trading_sessions', 'COINBASE/Continuous', 2,
     '{"market": "COINBASE", "session_name": "Continuous", "session_type": "REGULAR",'
     ' "days": [0, 1, 2, 3, 4, 5, 6], "start_time": "00:00", "end_time": "00:00",'
     ' "is_primary": true}'),
    ('trading_sessions', 'BITFINEX/Continuous', 3,
     '{"market": "BITFINEX", "session_name": "Continuous", "session_type": "REGULAR",'
     ' "days": [0, 1, 2, 3, 4, 5, 6], "start_time": "00:00", "end_time": "00:00",'
     ' "is_primary": true}'),
    ('trading_sessions', 'YAHOO_FINANCE/Continuous', 4,
     '{"market": "YAHOO_FINANCE", "session_name": "Continuous", "session_type": "REGULAR",'
     ' "days": [0, 1, 2, 3, 4, 5, 6], "start_time": "00:00", "end_time": "00:00",'
     ' "is_primary": true}'),
    ('trading_sessions', 'BIST/Opening Auction', 5,
     '{"market": "BIST", "session_name": "Opening Auction", "session_type": "OPENING_AUCTION",'
     ' "days": [1, 2, 3, 4, 5], "start_time": "09:40", "end_time": "10:00", "is_primary": false}'),
    ('trading_sessions', 'BIST/Regular', 6,
     '{"market": "BIST", "session_name": "Regular", "session_type": "REGULAR",'
     ' "days": [1, 2, 3, 4, 5], "start_time": "10:00", "end_time": "18:00", "is_primary": true}'),
    ('trading_sessions', 'BIST/Closing Auction', 7,
     '{"market": "BIST", "session_name": "Closing Auction", "session_type": "CLOSING_AUCTION",'
     ' "days": [1, 2, 3, 4, 5], "start_time": "18:00", "end_time": "18:10", "is_primary": false}'),
    ('trading_sessions', 'NASDAQ/Pre-Market', 8,
     '{"market": "NASDAQ", "session_name": "Pre-Market", "session_type": "PRE_MARKET",'
     ' "days": [1, 2, 3, 4, 5], "start_time": "04:00", "end_time": "09:30", "is_primary": false}'),
    ('trading_sessions', 'NASDAQ/Regular', 9,
     '{"market": "NASDAQ", "session_name": "Regular", "session_type": "REGULAR",'
     ' "days": [1, 2, 3, 4, 5], "start_time": "09:30", "end_time": "16:00", "is_primary": true}'),
    ('trading_sessions', 'NASDAQ/After-Hours', 10,
     '{"market": "NASDAQ", "session_name": "After-Hours", "session_type": "AFTER_HOURS",'
     ' "days": [1, 2, 3, 4, 5], "start_time": "16:00", "end_time": "20:00", "is_primary": false}'),
    ('trading_sessions', 'NYSE/Pre-Market', 11,
     '{"market": "NYSE", "session_name": "Pre-Market", "session_type": "PRE_MARKET",'
     ' "days": [1, 2, 3, 4, 5], "start_time": "04:00", "end_time": "09:30", "is_primary": false}'),
    ('trading_sessions', 'NYSE/Regular', 12,
     '{"market": "NYSE", "session_name": "Regular", "session_type": "REGULAR",'
     ' "days": [1, 2, 3, 4, 5], "start_time": "09:30", "end_time": "16:00", "is_primary": true}'),
    ('trading_sessions', 'NYSE/After-Hours', 13,
     '{"market": "NYSE", "session_name": "After-Hours", "session_type": "AFTER_HOURS",'
     ' "days": [1, 2, 3, 4, 5], "start_time": "16:00", "end_time": "20:00", "is_primary": false}'),
    ('trading_sessions', 'FOREX_MARKET/Regular', 14,
     '{"market": "FOREX_MARKET", "session_name": "Regular", "session_type": "REGULAR",'
     ' "days": [0, 1, 2, 3, 4], "start_time": "17:00", "end_time": "17:00", "is_primary": true}'),
    ('trading_sessions', 'OANDA/Regular', 15,
     '{"market": "OANDA", "session_name": "Regular", "session_type": "REGULAR",'
     ' "days": [0, 1, 2, 3, 4], "start_time": "17:00", "end_time": "17:00", "is_primary": true}'),

-- data_providers
    ('data_providers', 'BINANCE', 1,
     '{"name": "Binance", "description": "The limit is request weight of the spot API, by address",'
     ' "market": "BINANCE", "provider_type": "EXCHANGE", "feed_type": "WEBSOCKET",'
     ' "endpoint_url": "https://api.binance.com", "websocket_url": "wss://stream.binance.com:9443",'
     ' "rate_limit_per_minute": 6000, "timeout_seconds": 10, "priority": 1}'),
    ('data_providers', 'YAHOO_FINANCE', 2,
     '{"name": "Yahoo Finance",'
     ' "description": "No limit is published; this one is a cautious choice",'
     ' "market": null, "provider_type": "VENDOR", "feed_type": "REST",'
     ' "endpoint_url": "https://query1.finance.yahoo.com",'
     ' "rate_limit_per_minute": 30, "timeout_seconds": 30, "priority": 2}'),
    ('data_providers', 'COINMARKETCAP', 3,
     '{"name": "CoinMarketCap",'
     ' "description": "Limits of the plan Basic: 10,000 credits a month; wants a key",'
     ' "market": null, "provider_type": "VENDOR", "feed_type": "REST",'
     ' "endpoint_url": "https://pro-api.coinmarketcap.com",'
     ' "rate_limit_per_minute": 30, "rate_limit_per_day": 333,'
     ' "timeout_seconds": 30, "priority": 3}'),
    ('data_providers', 'ALPHA_VANTAGE', 4,
     '{"name": "Alpha Vantage", "description": "Limits of the free plan; wants a key",'
     ' "market": null, "provider_type": "VENDOR", "feed_type": "REST",'
     ' "endpoint_url": "https://www.alphavantage.co/query",'
     ' "rate_limit_per_minute": 5, "rate_limit_per_day": 25,'
     ' "timeout_seconds": 30, "priority": 4}')
$reference_data$;
COMMENT ON FUNCTION etl.reference_data IS $comment$
Lists the reference data that CALL etl.bootstrap_reference_data() puts into the platform's tables.
It has asset classes, markets, trading sessions and data providers.
$comment$;
