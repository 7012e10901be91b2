-- Made by hand: the key without a default, NOT NULL columns that no job knows, bars without a
-- venue, no asset classes or markets.
CREATE TABLE symbols (
    symbol_id   uuid PRIMARY KEY,
    ticker      varchar(40) NOT NULL,
    exchange    varchar(40) NOT NULL,
    asset_class varchar(20),
    full_name   text NOT NULL,
    tick_size   numeric NOT NULL,
    base_asset  varchar(20),
    quote_asset varchar(20),
    is_active   boolean NOT NULL,
    updated_at  timestamptz,
    UNIQUE (ticker, exchange)
);
CREATE TABLE market_data (
    symbol      varchar(40) NOT NULL,
    "timestamp" timestamptz NOT NULL,
    close       numeric,
    asset_class varchar(20),
    PRIMARY KEY (symbol, "timestamp")
);
