CREATE OR REPLACE FUNCTION etl._symbol_rows() RETURNS TABLE (key jsonb, ticker text, venue text, fields jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_symbol_rows$
-- The platform's symbols, whatever their columns are called. fields: field of etl._platform_fields()
-- -> value. Raises ME004.
-- Every name in it is quoted by format, and it fills the columns that are returned.
-- @plpgsql_check_options: security_warnings = off, extra_warnings = off
DECLARE
    v_relation regclass := etl._platform_table('symbol');
BEGIN
    RETURN QUERY EXECUTE (
        SELECT format('SELECT jsonb_build_object(%s), %s, %s, jsonb_build_object(%s) FROM %s s',
                      (SELECT string_agg(format('%1$L, s.%1$I', k.column_name), ', ')
                         FROM unnest(etl._key_columns(v_relation)) AS k (column_name)),
                      coalesce(max(format('s.%I::text', c.column_name)) FILTER (WHERE c.field = 'ticker'), 'NULL::text'),
                      coalesce(max(format('s.%I::text', c.column_name)) FILTER (WHERE c.field = 'venue'), 'NULL::text'),
                      string_agg(format('%L, s.%I', c.field, c.column_name), ', '), v_relation)
          FROM etl._platform_columns('symbol', v_relation) c);
END
$_symbol_rows$;
COMMENT ON FUNCTION etl._symbol_rows() IS
    'Internal: the platform''s symbols, field by field.';
