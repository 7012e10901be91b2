-- The platform's tables and indexes, and a small deterministic set of bars:
-- ten bars each of the symbols below, of every kind that the job has to tell apart.
CREATE TABLE symbols (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    ticker      varchar(50) NOT NULL,
    venue       varchar(50),
    asset_class varchar(20),
    name        text,
    is_active   boolean NOT NULL DEFAULT true,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (ticker, venue)
);
CREATE INDEX idx_symbols_ticker_asset_class ON symbols (ticker, asset_class);

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

INSERT INTO symbols (ticker, venue, asset_class, is_active) VALUES
    ('AAPL',    'NASDAQ',       'STOCK',      true),
    ('MSFT',    'NASDAQ',       'STOCK',      true),
    ('THYAO',   'BIST',         'STOCK_BIST', true),
    ('SPY',     'NYSE',         'ETF',        true),
    ('BTCUSD',  'BINANCE',      'CRYPTO',     true),
    ('EURUSD',  'FOREX_MARKET', 'FOREX',      true),
    ('XAUUSD',  'FOREX_MARKET', 'COMMODITY',  true),
    ('KO',      'NYSE',         'STOCK',      true),
    ('KO',      'BIST',         'STOCK',      true),   -- two venues that agree
    ('GLD',     'NYSE',         'ETF',        true),
    ('GLD',     'BINANCE',      'CRYPTO',     true),   -- two venues that disagree: ambiguous
    ('NOCLASS', 'NYSE',         NULL,         true),   -- unmappable
    ('BLANK',   'NYSE',         '',           true),   -- unmappable
    ('STRANGE', 'NYSE',         'WARRANT',    true),   -- unmappable: no known class
    ('NOBARS',  'NASDAQ',       'STOCK',      true);   -- no bar refers to it

INSERT INTO market_data (id, symbol, timeframe, "timestamp", open, high, low, close, volume,
                         asset_class, created_at, updated_at)
SELECT md5(kind.symbol || bar)::uuid, kind.symbol, '1D',
       timestamptz '2024-01-01 00:00+00' + bar * interval '1 day',
       100 + bar, 101 + bar, 99 + bar, 100.5 + bar, 1000 * bar, kind.asset_class,
       timestamptz '2024-02-01 00:00+00', timestamptz '2024-02-01 00:00+00'
  FROM (VALUES
        ('AAPL',    NULL),           -- missing
        ('MSFT',    ''),             -- empty
        ('THYAO',   'UNKNOWN'),      -- no known class
        ('SPY',     ' ETF '),        -- padded
        ('BTCUSD',  'crypto'),       -- lower case
        ('EURUSD',  'STOCK'),        -- known, but wrong
        ('XAUUSD',  'COMMODITY'),    -- right
        ('KO',      NULL),           -- missing, two venues that agree
        ('GLD',     NULL),           -- missing, ambiguous
        ('NOCLASS', NULL),           -- missing, its symbol has no class
        ('BLANK',   NULL),           -- missing, its symbol has an empty one
        ('STRANGE', NULL),           -- missing, its symbol has an unknown one
        ('ORPHAN1', NULL),           -- orphaned, missing
        ('ORPHAN2', 'STOCK')         -- orphaned, looks right
       ) AS kind (symbol, asset_class)
 CROSS JOIN generate_series(1, 10) AS bar;

ANALYZE symbols, market_data;
