CREATE OR REPLACE FUNCTION etl._save_clause(
    p_target   etl.correction_target,
    p_options  jsonb,
    p_relation regclass,
    p_backup   regclass
) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_save_clause$
-- End of a batch's statement: saves the before-images of the rows in its CTE changed, and validates
-- what the rows hold now. $4: number of the batch. p_backup NULL: no before-images.
-- changed_at tells which of two before-images of a row is the later one, so it is the time of the row.
SELECT CASE WHEN p_backup IS NULL THEN 'SELECT FROM changed c'
       ELSE format('INSERT INTO %1$s (%2$s, %3$I, new_value, batch_number, row_location, row_table, changed_at)
SELECT %4$s, c.old_value, c.new_value::%5$s, $4, c.row_location, c.row_table, clock_timestamp() FROM changed c',
                   p_backup, etl._column_list(etl._saved_columns(p_target)), p_target.value_column,
                   etl._column_list(etl._saved_columns(p_target), 'c'), etl._base_type(p_relation, p_target.value_column)) END
       || CASE WHEN (p_options ->> 'validate_after_each_batch')::boolean
               THEN E'\n WHERE c.stored = c.new_value OR etl._is_stored(c.new_value, c.stored)' ELSE '' END
$_save_clause$;
COMMENT ON FUNCTION etl._save_clause(etl.correction_target, jsonb, regclass, regclass) IS
    'Internal: end of a batch statement, which saves and validates.';
