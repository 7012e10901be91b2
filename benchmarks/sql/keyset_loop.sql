-- Pages of five thousand keys along the primary key, each in its own transaction.
DO $$
DECLARE
    first_id uuid := '00000000-0000-0000-0000-000000000000';
    next_id  uuid;
BEGIN
    LOOP
        SELECT id INTO next_id FROM market_data
         WHERE id >= first_id ORDER BY id OFFSET 5000 LIMIT 1;
        UPDATE market_data m
           SET asset_class = s.asset_class, updated_at = now()
          FROM symbols s
         WHERE s.ticker = m.symbol
           AND m.asset_class IS NULL AND s.asset_class IS NOT NULL
           AND m.id >= first_id
           AND m.id < coalesce(next_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
        COMMIT;
        EXIT WHEN next_id IS NULL;
        first_id := next_id;
    END LOOP;
END
$$;
