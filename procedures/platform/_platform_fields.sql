CREATE OR REPLACE FUNCTION etl._platform_fields()
RETURNS TABLE (entity text, field text, is_identity boolean, names text[])
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_platform_fields$
-- What the jobs know about the platform's tables: the fields that they can fill, and the names that
-- columns bear for them, the most usual first; case and underscores do not matter.
-- is_identity: these fields together tell one row from another.
VALUES
    ('asset_class', 'code', true, ARRAY['code', 'asset_class_code']),
    ('asset_class', 'name', false, ARRAY['name', 'display_name']),
    ('asset_class', 'description', false, ARRAY['description']),
    ('asset_class', 'primary_currency', false, ARRAY['primary_currency', 'currency']),
    ('asset_class', 'supports_24x7_trading', false,
     ARRAY['supports_24x7_trading', 'supports_24_7_trading', 'is_24_7']),
    ('asset_class', 'supports_fractional', false, ARRAY['supports_fractional']),
    ('asset_class', 'price_precision', false, ARRAY['price_precision', 'default_precision_price']),
    ('asset_class', 'quantity_precision', false,
     ARRAY['quantity_precision', 'default_precision_quantity']),
    ('asset_class', 'display_order', false, ARRAY['display_order', 'sort_order']),
    ('asset_class', 'is_active', false, ARRAY['is_active', 'active']),
    ('asset_class', 'created_at', false, ARRAY['created_at']),
    ('asset_class', 'updated_at', false, ARRAY['updated_at']),

    ('market', 'code', true, ARRAY['code', 'market_code']),
    ('market', 'name', false, ARRAY['name', 'display_name']),
    ('market', 'description', false, ARRAY['description']),
    ('market', 'asset_class_id', false, ARRAY['asset_class_id']),
    ('market', 'asset_class', false, ARRAY['asset_class', 'asset_class_code']),
    ('market', 'country_code', false, ARRAY['country_code', 'country']),
    ('market', 'time_zone', false, ARRAY['time_zone', 'tz']),
    ('market', 'primary_currency', false, ARRAY['primary_currency', 'currency']),
    ('market', 'status', false, ARRAY['status']),
    ('market', 'display_order', false, ARRAY['display_order', 'sort_order']),
    ('market', 'is_active', false, ARRAY['is_active', 'active']),
    ('market', 'created_at', false, ARRAY['created_at']),
    ('market', 'updated_at', false, ARRAY['updated_at']),

    ('trading_session', 'market_id', true, ARRAY['market_id']),
    ('trading_session', 'market', true, ARRAY['market', 'market_code']),
    ('trading_session', 'session_name', true, ARRAY['session_name', 'name']),
    ('trading_session', 'session_type', false, ARRAY['session_type', 'type']),
    ('trading_session', 'day_of_week', true, ARRAY['day_of_week', 'weekday']),
    ('trading_session', 'start_time', false, ARRAY['start_time', 'open_time', 'opens_at']),
    ('trading_session', 'end_time', false, ARRAY['end_time', 'close_time', 'closes_at']),
    ('trading_session', 'spans_midnight', false, ARRAY['spans_midnight', 'is_overnight']),
    ('trading_session', 'time_zone', false, ARRAY['time_zone', 'tz']),
    ('trading_session', 'is_primary', false, ARRAY['is_primary']),
    ('trading_session', 'is_trading_enabled', false, ARRAY['is_trading_enabled']),
    ('trading_session', 'effective_from', false, ARRAY['effective_from', 'valid_from']),
    ('trading_session', 'effective_to', false, ARRAY['effective_to', 'valid_until']),
    ('trading_session', 'is_active', false, ARRAY['is_active', 'active']),
    ('trading_session', 'created_at', false, ARRAY['created_at']),
    ('trading_session', 'updated_at', false, ARRAY['updated_at']),

    ('data_provider', 'code', true, ARRAY['code', 'provider_code', 'provider']),
    ('data_provider', 'name', false, ARRAY['name', 'display_name']),
    ('data_provider', 'description', false, ARRAY['description']),
    ('data_provider', 'provider_type', false, ARRAY['provider_type', 'type']),
    ('data_provider', 'feed_type', false, ARRAY['feed_type']),
    ('data_provider', 'market_id', false, ARRAY['market_id']),
    ('data_provider', 'endpoint_url', false,
     ARRAY['endpoint_url', 'base_url', 'api_base_url', 'api_url', 'endpoint', 'url']),
    ('data_provider', 'websocket_url', false, ARRAY['websocket_url', 'web_socket_url', 'ws_url']),
    ('data_provider', 'rate_limit_per_minute', false,
     ARRAY['rate_limit_per_minute', 'requests_per_minute', 'rate_limit']),
    ('data_provider', 'rate_limit_per_day', false, ARRAY['rate_limit_per_day', 'requests_per_day']),
    ('data_provider', 'timeout_seconds', false, ARRAY['timeout_seconds', 'timeout']),
    ('data_provider', 'priority', false, ARRAY['priority']),
    ('data_provider', 'is_active', false, ARRAY['is_active', 'active']),
    ('data_provider', 'created_at', false, ARRAY['created_at']),
    ('data_provider', 'updated_at', false, ARRAY['updated_at']),

    ('symbol', 'ticker', true, ARRAY['ticker', 'symbol', 'symbol_code']),
    ('symbol', 'venue', true, ARRAY['venue', 'exchange', 'market']),
    ('symbol', 'asset_class', false, ARRAY['asset_class']),
    ('symbol', 'asset_class_id', false, ARRAY['asset_class_id']),
    ('symbol', 'market_id', false, ARRAY['market_id']),
    ('symbol', 'name', false, ARRAY['full_name', 'name', 'display_name', 'display', 'description']),
    ('symbol', 'base_currency', false, ARRAY['base_currency', 'base_asset', 'base']),
    ('symbol', 'quote_currency', false,
     ARRAY['quote_currency', 'quote_asset', 'quote', 'currency']),
    ('symbol', 'is_active', false, ARRAY['is_active', 'active']),
    ('symbol', 'created_at', false, ARRAY['created_at']),
    ('symbol', 'updated_at', false, ARRAY['updated_at'])
$_platform_fields$;
COMMENT ON FUNCTION etl._platform_fields IS
    'Internal: fields of the platform''s tables that the jobs know, with the usual names of their '
    'columns.';
