CREATE OR REPLACE FUNCTION etl._asset_classes() RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_asset_classes$
SELECT ARRAY['CRYPTO', 'STOCK', 'STOCK_BIST', 'FOREX', 'COMMODITY', 'ETF']
$_asset_classes$;
COMMENT ON FUNCTION etl._asset_classes() IS
    'Internal: the asset classes that are known unless a target names others.';
