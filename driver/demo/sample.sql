-- A trading database as one finds it: 82 tickers of all six classes with a class in symbols, and
-- their bars in market_data, more than half of them with an asset_class that is missing or wrong.
-- Made of arithmetic alone, no random numbers: every run gives the very same rows.
-- Creates both tables in the current schema.

CREATE TABLE symbols (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    ticker      varchar(50) NOT NULL,
    venue       varchar(50) NOT NULL,
    asset_class varchar(20),
    name        text,
    is_active   boolean NOT NULL DEFAULT true,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (ticker, venue)
);

CREATE TABLE market_data (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    symbol      varchar(50) NOT NULL,
    timeframe   varchar(10) NOT NULL,
    "timestamp" timestamptz NOT NULL,
    open        numeric(20, 8) NOT NULL,
    high        numeric(20, 8) NOT NULL,
    low         numeric(20, 8) NOT NULL,
    close       numeric(20, 8) NOT NULL,
    volume      numeric(30, 8) NOT NULL,
    asset_class varchar(20),
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (symbol, timeframe, "timestamp")
);

-- What was ever traded. venue is NULL where symbols has no such ticker any more.
CREATE TEMPORARY TABLE instrument (
    number      integer GENERATED ALWAYS AS IDENTITY,
    ticker      text NOT NULL,
    asset_class text NOT NULL,
    venue       text,
    name        text NOT NULL,
    price       numeric NOT NULL,
    first_day   timestamp NOT NULL DEFAULT '2019-01-01',
    last_day    timestamp NOT NULL DEFAULT '2024-12-31'
);

INSERT INTO instrument (ticker, asset_class, venue, name, price) VALUES
    ('BTCUSDT',  'CRYPTO',     'BINANCE', 'Bitcoin',              42000),
    ('ETHUSDT',  'CRYPTO',     'BINANCE', 'Ethereum',              2300),
    ('BNBUSDT',  'CRYPTO',     'BINANCE', 'BNB',                    310),
    ('XRPUSDT',  'CRYPTO',     'BINANCE', 'XRP',                   0.55),
    ('ADAUSDT',  'CRYPTO',     'BINANCE', 'Cardano',               0.48),
    ('SOLUSDT',  'CRYPTO',     'BINANCE', 'Solana',                 105),
    ('DOGEUSDT', 'CRYPTO',     'BINANCE', 'Dogecoin',              0.08),
    ('DOTUSDT',  'CRYPTO',     'BINANCE', 'Polkadot',               7.2),
    ('LTCUSDT',  'CRYPTO',     'BINANCE', 'Litecoin',                72),
    ('LINKUSDT', 'CRYPTO',     'BINANCE', 'Chainlink',               15),
    ('AVAXUSDT', 'CRYPTO',     'BINANCE', 'Avalanche',               36),
    ('TRXUSDT',  'CRYPTO',     'BINANCE', 'TRON',                  0.11),
    ('AAPL',     'STOCK',      'NASDAQ',  'Apple',                  190),
    ('MSFT',     'STOCK',      'NASDAQ',  'Microsoft',              375),
    ('GOOGL',    'STOCK',      'NASDAQ',  'Alphabet',               140),
    ('AMZN',     'STOCK',      'NASDAQ',  'Amazon',                 152),
    ('NVDA',     'STOCK',      'NASDAQ',  'NVIDIA',                 495),
    ('META',     'STOCK',      'NASDAQ',  'Meta Platforms',         354),
    ('TSLA',     'STOCK',      'NASDAQ',  'Tesla',                  248),
    ('AMD',      'STOCK',      'NASDAQ',  'Advanced Micro Devices', 147),
    ('INTC',     'STOCK',      'NASDAQ',  'Intel',                   50),
    ('NFLX',     'STOCK',      'NASDAQ',  'Netflix',                487),
    ('CSCO',     'STOCK',      'NASDAQ',  'Cisco Systems',           51),
    ('PEP',      'STOCK',      'NASDAQ',  'PepsiCo',                170),
    ('JPM',      'STOCK',      'NYSE',    'JPMorgan Chase',         170),
    ('V',        'STOCK',      'NYSE',    'Visa',                   260),
    ('KO',       'STOCK',      'NYSE',    'Coca-Cola',               59),
    ('DIS',      'STOCK',      'NYSE',    'Walt Disney',             90),
    ('WMT',      'STOCK',      'NYSE',    'Walmart',                 53),
    ('XOM',      'STOCK',      'NYSE',    'Exxon Mobil',            100),
    ('JNJ',      'STOCK',      'NYSE',    'Johnson & Johnson',      157),
    ('PG',       'STOCK',      'NYSE',    'Procter & Gamble',       146),
    ('THYAO',    'STOCK_BIST', 'BIST',    'Turkish Airlines',       228),
    ('GARAN',    'STOCK_BIST', 'BIST',    'Garanti BBVA',            58),
    ('AKBNK',    'STOCK_BIST', 'BIST',    'Akbank',                  36),
    ('ISCTR',    'STOCK_BIST', 'BIST',    'Isbank',                  23),
    ('YKBNK',    'STOCK_BIST', 'BIST',    'Yapi Kredi',              19),
    ('KCHOL',    'STOCK_BIST', 'BIST',    'Koc Holding',            142),
    ('SAHOL',    'STOCK_BIST', 'BIST',    'Sabanci Holding',         60),
    ('SISE',     'STOCK_BIST', 'BIST',    'Sisecam',                 46),
    ('EREGL',    'STOCK_BIST', 'BIST',    'Erdemir',                 41),
    ('TUPRS',    'STOCK_BIST', 'BIST',    'Tupras',                 143),
    ('BIMAS',    'STOCK_BIST', 'BIST',    'BIM',                    300),
    ('ASELS',    'STOCK_BIST', 'BIST',    'Aselsan',                 45),
    ('TCELL',    'STOCK_BIST', 'BIST',    'Turkcell',                56),
    ('FROTO',    'STOCK_BIST', 'BIST',    'Ford Otosan',            740),
    ('PGSUS',    'STOCK_BIST', 'BIST',    'Pegasus',                650),
    ('ARCLK',    'STOCK_BIST', 'BIST',    'Arcelik',                129),
    ('EURUSD',   'FOREX',      'OANDA',   'Euro',                 1.104),
    ('GBPUSD',   'FOREX',      'OANDA',   'Pound sterling',       1.273),
    ('USDJPY',   'FOREX',      'OANDA',   'Japanese yen',         141.0),
    ('USDCHF',   'FOREX',      'OANDA',   'Swiss franc',          0.841),
    ('AUDUSD',   'FOREX',      'OANDA',   'Australian dollar',    0.681),
    ('USDCAD',   'FOREX',      'OANDA',   'Canadian dollar',      1.325),
    ('NZDUSD',   'FOREX',      'OANDA',   'New Zealand dollar',   0.632),
    ('EURGBP',   'FOREX',      'OANDA',   'Euro in pounds',       0.867),
    ('USDTRY',   'FOREX',      'OANDA',   'Turkish lira',          29.5),
    ('EURTRY',   'FOREX',      'OANDA',   'Euro in lira',          32.6),
    ('XAUUSD',   'COMMODITY',  'OANDA',   'Gold',                  2063),
    ('XAGUSD',   'COMMODITY',  'OANDA',   'Silver',                23.8),
    ('XPTUSD',   'COMMODITY',  'OANDA',   'Platinum',               992),
    ('XPDUSD',   'COMMODITY',  'OANDA',   'Palladium',             1100),
    ('CL=F',     'COMMODITY',  'NYMEX',   'Crude oil WTI',         71.7),
    ('BZ=F',     'COMMODITY',  'NYMEX',   'Crude oil Brent',       77.0),
    ('NG=F',     'COMMODITY',  'NYMEX',   'Natural gas',           2.51),
    ('HG=F',     'COMMODITY',  'COMEX',   'Copper',                3.89),
    ('ZC=F',     'COMMODITY',  'CBOT',    'Corn',                   471),
    ('ZW=F',     'COMMODITY',  'CBOT',    'Wheat',                  628),
    ('SPY',      'ETF',        'NYSE',    'S&P 500',                475),
    ('VOO',      'ETF',        'NYSE',    'S&P 500 (Vanguard)',     437),
    ('VTI',      'ETF',        'NYSE',    'Total US market',        237),
    ('QQQ',      'ETF',        'NASDAQ',  'Nasdaq-100',             409),
    ('IWM',      'ETF',        'NYSE',    'Russell 2000',           201),
    ('EEM',      'ETF',        'NYSE',    'Emerging markets',        40),
    ('EFA',      'ETF',        'NYSE',    'Developed markets',       75),
    ('TLT',      'ETF',        'NASDAQ',  'US Treasuries 20+',       98),
    ('HYG',      'ETF',        'NYSE',    'High-yield bonds',        77),
    ('GLD',      'ETF',        'NYSE',    'Gold trust',             191),
    ('SLV',      'ETF',        'NYSE',    'Silver trust',            22),
    ('XLF',      'ETF',        'NYSE',    'US financials',           37),
    ('XLE',      'ETF',        'NYSE',    'US energy',               84),
    ('ARKK',     'ETF',        'NYSE',    'ARK Innovation',          52);

-- Tickers that cannot be corrected as they stand.
INSERT INTO instrument (ticker, asset_class, venue, name, price, first_day, last_day) VALUES
    ('COMP',     'STOCK',      'NYSE',    'Compass',               3.8, '2021-04-01', '2024-12-31'),
    ('LINK',     'STOCK',      'NASDAQ',  'Interlink Electronics', 7.4, '2019-01-01', '2024-12-31'),
    ('SOL',      'STOCK',      'NYSE',    'Emeren',                2.7, '2019-01-01', '2024-12-31'),
    ('RDDT',     'STOCK',      'NYSE',    'Reddit',                 55, '2024-03-21', '2024-12-31'),
    ('FB',       'STOCK',      NULL,      'Facebook, now META',    180, '2019-01-01', '2022-06-08'),
    ('TWTR',     'STOCK',      NULL,      'Twitter, delisted',      43, '2019-01-01', '2022-10-27'),
    ('SIVB',     'STOCK',      NULL,      'SVB, delisted',         310, '2019-01-01', '2023-03-10'),
    ('LUNAUSDT', 'CRYPTO',     NULL,      'Terra, delisted',        40, '2020-08-21', '2022-05-13'),
    ('FTTUSDT',  'CRYPTO',     NULL,      'FTX token, delisted',    30, '2019-12-20', '2022-11-15');

INSERT INTO symbols (id, ticker, venue, asset_class, name, created_at, updated_at)
SELECT md5(listing.ticker || '@' || listing.venue)::uuid, listing.ticker, listing.venue,
       listing.asset_class, listing.name, '2024-01-02 00:00+00', '2024-01-02 00:00+00'
  FROM (SELECT ticker, venue, CASE ticker WHEN 'RDDT' THEN NULL ELSE asset_class END, name
          FROM instrument
         WHERE venue IS NOT NULL
         UNION ALL VALUES
            ('BTCUSDT', 'BYBIT',    'CRYPTO', 'Bitcoin'),      -- two listings that agree
            ('EURUSD',  'FXCM',     'FOREX',  'Euro'),
            ('COMP',    'COINBASE', 'CRYPTO', 'Compound'),     -- two listings that disagree
            ('LINK',    'COINBASE', 'CRYPTO', 'Chainlink'),
            ('SOL',     'COINBASE', 'CRYPTO', 'Solana'),
            ('PLTR',    'NASDAQ',   'STOCK',  'Palantir'),     -- no bars
            ('UBER',    'NYSE',     'STOCK',  'Uber')
       ) AS listing (ticker, venue, asset_class, name);

-- Daily bars over the years, hourly bars of the last half-year, at weekends only of crypto.
-- In each hundred bars of a ticker: 35 without a class, 10 empty, 5 not a class, 3 in lower case,
-- 3 padded, 4 of another class, 40 right.
INSERT INTO market_data (id, symbol, timeframe, "timestamp", open, high, low, close, volume,
                         asset_class, created_at, updated_at)
SELECT md5(concat_ws(' ', ticker, timeframe, n))::uuid, ticker, timeframe, opened_at,
       open, greatest(open, close) * 1.002, least(open, close) * 0.998, close,
       1000 + n * 7919 % 100000,
       CASE WHEN kind < 35 THEN NULL
            WHEN kind < 45 THEN ''
            WHEN kind < 50 THEN (ARRAY['N/A', 'EQUITY', 'UNKNOWN', 'OTHER'])[1 + n % 4]
            WHEN kind < 53 THEN lower(asset_class)
            WHEN kind < 56 THEN ' ' || asset_class || ' '
            WHEN kind < 60 THEN CASE asset_class WHEN 'STOCK' THEN 'ETF' ELSE 'STOCK' END
            ELSE asset_class END,
       opened_at, opened_at
  FROM (SELECT ticker, timeframe, n, opened_at AT TIME ZONE 'UTC' AS opened_at, number, asset_class,
               (n * 37 + number * 11) % 100 AS kind, open,
               coalesce(lead(open) OVER (PARTITION BY ticker ORDER BY n), open) AS close
          FROM (SELECT bar.*,
                       price * (900 + abs(n % 400 - 200) + abs(n * 7 % 38 - 19)) / 1000 AS open
                  FROM (SELECT i.*, t.timeframe, opened_at,
                               row_number() OVER (PARTITION BY i.ticker
                                                  ORDER BY t.timeframe, opened_at) AS n
                          FROM instrument i
                         CROSS JOIN (VALUES
                                   ('1D', interval '1 day', timestamp '2019-01-01'),
                                   ('1H', interval '1 hour', timestamp '2024-07-01')
                               ) AS t (timeframe, step, since)
                         CROSS JOIN generate_series(
                                   greatest(i.first_day, t.since),
                                   i.last_day + interval '23 hours', t.step) AS opened_at
                         WHERE i.asset_class = 'CRYPTO' OR extract(isodow FROM opened_at) < 6
                       ) AS bar
               ) AS priced
       ) AS candle
 ORDER BY opened_at, timeframe, number;  -- as they arrived

DROP TABLE instrument;

-- The indexes that the operations guide asks for.
CREATE INDEX idx_market_data_symbol_asset_class
    ON market_data (symbol, asset_class) WHERE asset_class IS NULL;
CREATE INDEX idx_symbols_ticker_asset_class ON symbols (ticker, asset_class);
ANALYZE symbols, market_data;
