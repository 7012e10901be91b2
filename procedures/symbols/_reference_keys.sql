CREATE OR REPLACE FUNCTION etl._reference_keys(p_entity text) RETURNS TABLE (code text, key_value jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_reference_keys$
-- Codes of the platform's asset classes or markets, and the keys by which symbols refer to them.
-- Nothing where there is no such table, or its key has several columns. p_entity: asset_class, market.
-- Every name in it is quoted by format, and it fills the columns that are returned.
-- @plpgsql_check_options: security_warnings = off, extra_warnings = off
DECLARE
    v_relation regclass := etl._find_table(CASE p_entity WHEN 'asset_class' THEN 'asset_classes' ELSE p_entity || 's' END);
    v_key      text[] := etl._key_columns(v_relation);
    v_code     text := etl._platform_column(p_entity, v_relation, 'code');
BEGIN
    IF v_code IS NULL OR coalesce(cardinality(v_key), 0) <> 1 THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT DISTINCT ON (upper(btrim(r.%1$I::text))) upper(btrim(r.%1$I::text)), to_jsonb(r.%2$I) FROM %3$s r ORDER BY 1, r.%2$I',
        v_code, v_key[1], v_relation);
END
$_reference_keys$;
COMMENT ON FUNCTION etl._reference_keys(text) IS
    'Internal: codes and keys of the platform''s asset classes or markets.';
