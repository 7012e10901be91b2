CREATE OR REPLACE FUNCTION etl._has_key_index(p_target etl.correction_target) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_has_key_index$
-- Whether an index of the fact table begins with a column of the key, so that rows are found by it.
SELECT EXISTS (
    SELECT FROM pg_index i
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
     WHERE i.indrelid = p_target.fact_table AND i.indisvalid AND i.indpred IS NULL
       AND a.attname = ANY (p_target.key_columns))
$_has_key_index$;
COMMENT ON FUNCTION etl._has_key_index IS
    'Internal: whether an index finds rows of the fact table by their key.';
