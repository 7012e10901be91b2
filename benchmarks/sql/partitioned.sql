-- The same table in 24 monthly partitions, whose key has to hold the partition column.
CREATE TABLE market_data (
    id          uuid DEFAULT gen_random_uuid(),
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
    PRIMARY KEY (id, "timestamp"),
    UNIQUE (symbol, timeframe, "timestamp")
) PARTITION BY RANGE ("timestamp");
CREATE INDEX idx_market_data_symbol_asset_class
    ON market_data (symbol, asset_class) WHERE asset_class IS NULL;

DO $$
BEGIN
    FOR month IN 0..23 LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF market_data FOR VALUES FROM (%L) TO (%L)',
            'market_data_' || to_char(date '2024-01-01' + month * interval '1 month', 'YYYY_MM'),
            timestamptz '2024-01-01 00:00+00' + month * interval '1 month',
            timestamptz '2024-01-01 00:00+00' + (month + 1) * interval '1 month');
    END LOOP;
END
$$;
