CREATE OR REPLACE FUNCTION etl._same_row_condition(p_relation regclass, p_left text, p_right text)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_same_row_condition$
SELECT string_agg(format('%I.%I = %I.%I', p_left, k.column_name, p_right, k.column_name), ' AND ')
  FROM unnest(etl._key_columns(p_relation)) AS k (column_name)
$_same_row_condition$;
COMMENT ON FUNCTION etl._same_row_condition IS
    'Internal: SQL condition that two aliases mean the same row of a table.';
