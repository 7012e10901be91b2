CREATE OR REPLACE FUNCTION etl._platform_rows(p_entity text)
RETURNS TABLE (key jsonb, fields jsonb, content jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, MDY'
SET intervalstyle = 'postgres'
AS $_platform_rows$
-- All rows of a small table of the platform: key, fields (see etl._platform_fields()) and the whole
-- row, in the form in which etl.row_plan and etl.row_change hold them.
-- Raises ME004.
-- Every name in the statement is quoted by format; its rows are the result.
-- @plpgsql_check_options: security_warnings = off, extra_warnings = off
DECLARE
    v_relation regclass := etl._platform_table(p_entity);
    v_fields   text;
    v_key      text;
BEGIN
    SELECT string_agg(format('%L, r.content -> %L', c.field, c.column_name), ', ')
      INTO v_fields
      FROM etl._platform_columns(p_entity, v_relation) c;
    SELECT string_agg(format('%1$L, r.content -> %1$L', k.column_name), ', ')
      INTO v_key
      FROM unnest(etl._key_columns(v_relation)) AS k (column_name);
    RETURN QUERY EXECUTE format(
        'SELECT jsonb_build_object(%s), jsonb_build_object(%s), r.content '
        'FROM (SELECT to_jsonb(t) AS content FROM %s t) r',
        v_key, v_fields, v_relation);
END
$_platform_rows$;
COMMENT ON FUNCTION etl._platform_rows IS
    'Internal: all rows of a small table of the platform.';
