CREATE OR REPLACE FUNCTION etl._search_conditions(
    p_target  etl.correction_target,
    p_options jsonb
) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_search_conditions$
-- SQL conditions that together find the rows m of the fact table that may need correction. One by
-- one they are what an index, or a constraint, can answer: NULL first, then the empty value, where
-- the type has one. Other options ask for values that neither condition narrows down.
SELECT CASE WHEN NOT (p_options ->> 'only_process_null_asset_class')::boolean THEN ARRAY['true']
            ELSE ARRAY[format('m.%I IS NULL', p_target.value_column)]
                 || CASE WHEN EXISTS (
                        SELECT FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
                         WHERE a.attrelid = p_target.fact_table
                           AND a.attname = p_target.value_column
                           AND y.typcategory <> 'S') THEN '{}'
                    ELSE ARRAY[format('m.%I::text = ''''', p_target.value_column)] END END
$_search_conditions$;
COMMENT ON FUNCTION etl._search_conditions IS
    'Internal: SQL conditions that find the rows that may need correction.';
