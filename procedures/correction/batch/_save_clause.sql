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
-- what the rows hold now, see etl._image_clause().
-- p_backup NULL: no before-images.
SELECT CASE WHEN p_backup IS NULL THEN 'SELECT FROM changed c'
       ELSE format(E'INSERT INTO %1$s (%2$s, %3$I, new_value)\n'
                   'SELECT %4$s, c.old_value, c.new_value::%5$s FROM changed c',
                   p_backup, etl._columns_clause(k.names), p_target.value_column,
                   etl._columns_clause(k.names, 'c'),
                   etl._base_type(p_relation, p_target.value_column)) END
       || CASE WHEN (p_options ->> 'validate_after_each_batch')::boolean
               THEN E'\n WHERE c.stored = c.new_value OR etl._is_stored(c.new_value, c.stored)'
               ELSE '' END
  FROM (SELECT etl._saved_columns(p_target)
               || ARRAY(SELECT b.name FROM etl._backup_columns() b
                         WHERE b.is_required
                            OR EXISTS (SELECT FROM pg_attribute a
                                        WHERE a.attrelid = p_backup AND a.attname = b.name
                                          AND NOT a.attisdropped))) AS k (names)
$_save_clause$;
COMMENT ON FUNCTION etl._save_clause IS
    'Internal: end of a batch statement, which saves and validates.';
