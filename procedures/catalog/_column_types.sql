CREATE OR REPLACE FUNCTION etl._column_types(p_relation regclass, p_columns text[]) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_column_types$
-- {"column": "type", ...}; columns that do not exist are left out.
SELECT coalesce(jsonb_object_agg(a.attname, format_type(a.atttypid, a.atttypmod)), '{}')
  FROM pg_attribute a
 WHERE a.attrelid = p_relation AND a.attnum > 0 AND NOT a.attisdropped
   AND a.attname = ANY (p_columns)
$_column_types$;
COMMENT ON FUNCTION etl._column_types IS
    'Internal: types of columns, by name.';
