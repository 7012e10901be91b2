CREATE OR REPLACE FUNCTION etl._platform_column(p_entity text, p_relation regclass, p_field text)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_platform_column$
SELECT c.column_name FROM etl._platform_columns(p_entity, p_relation) c WHERE c.field = p_field
$_platform_column$;
COMMENT ON FUNCTION etl._platform_column IS
    'Internal: the column that holds a field; NULL: the table has none.';
