-- Tables as one makes them by hand: snake_case, in a schema of their own, with columns that no job
-- knows. asset_classes.tier cannot be guessed: etl.set_column_default() has to say it.
CREATE SCHEMA trading;
CREATE TYPE trading.tier AS ENUM ('first', 'second');

CREATE TABLE trading.asset_classes (
    id                      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    code                    varchar(20)  NOT NULL UNIQUE,
    name                    varchar(100) NOT NULL,
    name_tr                 varchar(100) NOT NULL,
    primary_currency        varchar(12),
    supports_24_7_trading   boolean      NOT NULL,
    default_precision_price integer      NOT NULL,
    tier                    trading.tier NOT NULL,
    is_active               boolean      NOT NULL,
    created_at              timestamptz  NOT NULL,
    updated_at              timestamptz  NOT NULL
);

CREATE TABLE trading.markets (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    code           varchar(50)   NOT NULL UNIQUE,
    name           varchar(200)  NOT NULL,
    asset_class_id uuid          NOT NULL REFERENCES trading.asset_classes,
    country_code   varchar(10),
    timezone       varchar(50)   NOT NULL,
    settings       jsonb         NOT NULL,
    labels         text[]        NOT NULL,
    commission     numeric(10,4) NOT NULL,
    status         varchar(20)   NOT NULL DEFAULT 'UNKNOWN',
    is_active      boolean       NOT NULL DEFAULT true,
    updated_at     timestamptz   NOT NULL DEFAULT now()
);

CREATE TABLE trading.trading_sessions (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    market_id         uuid         NOT NULL REFERENCES trading.markets ON DELETE CASCADE,
    session_name      varchar(100) NOT NULL,
    session_type      varchar(20)  NOT NULL,
    day_of_week       integer,
    start_time        interval     NOT NULL,
    end_time          interval     NOT NULL,
    timezone          varchar(50),
    spans_midnight    boolean      NOT NULL,
    volume_multiplier numeric(5,2) NOT NULL,
    UNIQUE (market_id, session_name, day_of_week)
);

CREATE TABLE trading.data_providers (
    id                    bigserial PRIMARY KEY,
    code                  varchar(50)  NOT NULL UNIQUE,
    name                  varchar(200) NOT NULL,
    market_id             uuid         REFERENCES trading.markets,
    base_url              varchar(500) NOT NULL,
    rate_limit_per_minute integer      NOT NULL,
    max_retries           integer      NOT NULL,
    priority              integer      NOT NULL
);
