CREATE OR REPLACE FUNCTION etl._null_statement(
    p_target     etl.correction_target,
    p_options    jsonb,
    p_relation   regclass,
    p_backup     regclass,
    p_duty_check text DEFAULT NULL
) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_null_statement$
-- The statement of a batch of blocks for the rows whose value is NULL, which are most of them as a
-- rule: their old value is known beforehand, so they are found and changed in one go, with no
-- search of its own. Its row count is the number of rows changed. A row that another session
-- changes in between is judged by its new version.
-- Parameters as those of etl._correction_statement(); $5 is not used.
SELECT format($statement$
WITH changed AS (
    UPDATE ONLY %1$s m
       SET %2$I = map.new_value::%3$s%4$s
      FROM etl.correction_mapping map
     WHERE map.execution_id = $1 AND map.match_value = m.%5$I::text
       AND m.ctid >= $2 AND m.ctid < $3 AND %9$s AND %6$s
    RETURNING NULL::%3$s AS old_value, map.new_value, %7$s
)
%8$s$statement$,
    p_relation, p_target.value_column, etl._base_type(p_relation, p_target.value_column),
    etl._touch_clause(p_target),
    p_target.match_column,
    etl._correction_condition(p_target, p_options, 'NULL::text'),
    etl._image_clause(p_target),
    etl._save_clause(p_target, p_options, p_relation, p_backup),
    etl._settled_condition('$6')
    || format(' AND %s IS NULL', etl._value_expression(p_target, p_duty_check)))
$_null_statement$;
COMMENT ON FUNCTION etl._null_statement IS
    'Internal: SQL statement of a correction batch for rows that are NULL.';
