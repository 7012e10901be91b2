CREATE OR REPLACE FUNCTION etl._restriction_condition(p_parameters jsonb, p_match_column text)
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_restriction_condition$
-- SQL condition on a row b of a backup: the target_symbols and batch_numbers of a rollback allow
-- it.
SELECT CASE WHEN jsonb_typeof(p_parameters -> 'target_symbols') = 'array'
            THEN format('b.%I::text = ANY (%L::text[])', p_match_column,
                        ARRAY(SELECT jsonb_array_elements_text(p_parameters -> 'target_symbols')))
            ELSE 'true' END
       || CASE WHEN jsonb_typeof(p_parameters -> 'batch_numbers') = 'array'
               THEN format(' AND b.batch_number = ANY (%L::integer[])',
                           ARRAY(SELECT jsonb_array_elements_text(p_parameters -> 'batch_numbers')))
               ELSE '' END
$_restriction_condition$;
COMMENT ON FUNCTION etl._restriction_condition IS
    'Internal: SQL condition that a rollback''s options allow a before-image.';
