-- The platform's table with the operations guide's indexes.
CREATE TABLE market_data (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    symbol      varchar(50) NOT NULL,
    timeframe   varchar(10) NOT NULL,
    "timestamp" timestamptz NOT NULL,
    open        numeric(20, 8),
    high        numeric(20, 8),
    low         numeric(20, 8),
    close       numeric(20, 8),
    volume      numeric(30, 8),
    asset_class varchar(20),
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (symbol, timeframe, "timestamp")
);
CREATE INDEX idx_market_data_symbol_asset_class
    ON market_data (symbol, asset_class) WHERE asset_class IS NULL;
