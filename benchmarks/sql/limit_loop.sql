-- The usual loop: a thousand rows that nobody holds, commit, again, until none is left.
DO $$
BEGIN
    LOOP
        WITH batch AS (
            SELECT m.id, s.asset_class
              FROM market_data m
              JOIN symbols s ON s.ticker = m.symbol
             WHERE m.asset_class IS NULL AND s.asset_class IS NOT NULL
             LIMIT 1000
               FOR UPDATE OF m SKIP LOCKED
        )
        UPDATE market_data m
           SET asset_class = batch.asset_class, updated_at = now()
          FROM batch
         WHERE m.id = batch.id;
        EXIT WHEN NOT FOUND;
        COMMIT;
    END LOOP;
END
$$;
