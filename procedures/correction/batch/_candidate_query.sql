CREATE OR REPLACE FUNCTION etl._candidate_query(
    p_target       etl.correction_target,
    p_options      jsonb,
    p_relation     text,
    p_place        text,
    p_has_failures boolean,
    p_columns      text,
    p_value        text DEFAULT NULL
) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_candidate_query$
-- Query for the rows m of a table that need correction and can be mapped (map).
-- p_relation: table, as in FROM.
-- p_place: condition that restricts m to a part of it.
-- p_columns: select list.
-- p_has_failures: failed records are left out.
-- p_value: expression for the value where p_place names places, see etl._value_expression(); NULL:
-- an index may find the rows.
-- Parameter $1: the correction whose mapping and failed records count.
SELECT format($query$
    SELECT %1$s
      FROM %2$s m
      JOIN etl.correction_mapping map ON map.execution_id = $1 AND map.match_value = m.%3$I::text
     WHERE %4$s AND %5$s %6$s %7$s$query$,
    p_columns, p_relation, p_target.match_column, p_place,
    etl._correction_condition(p_target, p_options,
                              coalesce(p_value, format('m.%I::text', p_target.value_column))),
    CASE WHEN jsonb_typeof(p_options -> 'target_symbols') = 'array' THEN format(
        CASE WHEN p_value IS NOT NULL THEN 'AND (m.%I = ANY (%L::%s[])) IS TRUE'
             ELSE 'AND m.%I = ANY (%L::%s[])' END,
        p_target.match_column,
        ARRAY(SELECT jsonb_array_elements_text(p_options -> 'target_symbols')),
        etl._base_type(p_target.fact_table, p_target.match_column)) ELSE '' END,
    CASE WHEN p_has_failures THEN format(
        'AND NOT EXISTS (SELECT FROM etl.failed_record f
                          WHERE f.execution_id = $1 AND f.key = %s AND f.resolved_at IS NULL)',
        etl._key_expression(p_target, 'm')) ELSE '' END)
$_candidate_query$;
COMMENT ON FUNCTION etl._candidate_query IS
    'Internal: query for the rows that need correction and can be mapped.';
