CREATE OR REPLACE FUNCTION etl._symbol_links(p_field text) RETURNS TABLE (code text, value jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_symbol_links$
-- Codes of asset classes or markets, and what symbols hold to refer to them. Nothing where symbols
-- do not refer to them, or they have no table.
-- p_field: asset_class_id, market_id.
-- Raises ME004.
BEGIN
    IF etl._find_table(CASE p_field WHEN 'asset_class_id' THEN 'asset_classes'
                                    ELSE 'markets' END) IS NOT NULL THEN
        RETURN QUERY SELECT l.code, l.value FROM etl._platform_links('symbol', p_field) l;
    END IF;
END
$_symbol_links$;
COMMENT ON FUNCTION etl._symbol_links IS
    'Internal: how symbols refer to asset classes or markets.';
