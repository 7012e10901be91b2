CREATE OR REPLACE FUNCTION etl._find_target(p_target text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_find_target$
-- Registers the default target where a table market_data and a table symbols are found, in the
-- spelling of whoever made them. Any other target is registered by hand.
-- Returns whether it is registered now.
DECLARE
    v_fact      regclass;
    v_dimension regclass;
    v_match     text;
    v_value     text;
    v_key       text[];
BEGIN
    IF EXISTS (SELECT FROM etl.correction_target t
                WHERE t.target = p_target
                  AND EXISTS (SELECT FROM pg_class c WHERE c.oid = t.fact_table)) THEN
        RETURN true;
    ELSIF p_target IS DISTINCT FROM 'market_data' THEN
        RETURN false;
    END IF;
    v_fact := etl._find_table('market_data');
    v_dimension := etl._find_table('symbols');
    v_match := etl._find_column(v_fact, 'symbol', 'ticker');
    v_value := etl._find_column(v_fact, 'asset_class');
    v_key := etl._key_columns(v_fact);
    IF v_key IS NULL OR v_match IS NULL OR v_value IS NULL
       OR etl._find_column(v_dimension, 'ticker', 'symbol') IS NULL
       OR etl._find_column(v_dimension, 'asset_class') IS NULL THEN
        RETURN false;
    END IF;
    PERFORM etl._write_target(
        'market_data', v_fact, v_key, v_match, v_value,
        etl._find_touch_column(v_fact, v_key), v_dimension,
        etl._find_column(v_dimension, 'ticker', 'symbol'),
        etl._find_column(v_dimension, 'asset_class'),
        etl._find_column(v_dimension, 'venue', 'exchange', 'market'),
        etl._find_column(v_dimension, 'is_active', 'active'),
        etl._asset_classes());
    RETURN true;
END
$_find_target$;
COMMENT ON FUNCTION etl._find_target IS
    'Internal: registers target market_data where its tables are found.';
