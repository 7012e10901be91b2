CREATE OR REPLACE FUNCTION etl._saved_columns(p_target etl.correction_target) RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_saved_columns$
-- Columns of the fact table that a backup row bears besides the old value: the key, and the match
-- column.
SELECT p_target.key_columns
       || CASE WHEN p_target.match_column = ANY (p_target.key_columns) THEN '{}'
               ELSE ARRAY[p_target.match_column] END
$_saved_columns$;
COMMENT ON FUNCTION etl._saved_columns IS
    'Internal: columns that identify a row in a backup table.';
