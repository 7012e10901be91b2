CREATE OR REPLACE FUNCTION etl._sample_rows(
    p_target  etl.correction_target,
    p_options jsonb,
    p_size    integer
) RETURNS TABLE (symbol text, old_value text, new_value text, key jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off
AS $_sample_rows$
-- Some of the rows that a correction with these options would change, at most p_size.
-- Nested loops are switched off: nothing is known of how many symbols the mapping has, and the
-- table would be read once for each of them. Every name in the statement is quoted by format;
-- volatile: it must see what was written just before.
-- @plpgsql_check_options: security_warnings = off, extra_warnings = off, performance_warnings = off
BEGIN
    RETURN QUERY EXECUTE format($query$
        WITH map AS MATERIALIZED (%1$s)
        SELECT m.%2$I::text, m.%3$I::text, map.new_value, %4$s
          FROM %5$s m JOIN map ON map.match_value = m.%2$I::text
         WHERE %6$s LIMIT $2
        $query$, etl._mapping_query(p_target), p_target.match_column, p_target.value_column,
        etl._key_expression(p_target, 'm'), p_target.fact_table,
        etl._correction_condition(p_target, p_options, format('m.%I::text', p_target.value_column)))
    USING NULL::text[], p_size;
END
$_sample_rows$;
COMMENT ON FUNCTION etl._sample_rows IS
    'Internal: some of the rows that a correction would change.';
