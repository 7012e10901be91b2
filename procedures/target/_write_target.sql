CREATE OR REPLACE FUNCTION etl._write_target(
    p_target                  text,
    p_fact_table              regclass,
    p_key_columns             text[],
    p_match_column            text,
    p_value_column            text,
    p_touch_column            text,
    p_dimension_table         regclass,
    p_dimension_match_column  text,
    p_dimension_value_column  text,
    p_dimension_venue_column  text,
    p_dimension_active_column text,
    p_known_values            text[]
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_write_target$
-- Checks that all tables and columns of a target are there, and records it.
-- Tables: writes etl.correction_target, etl.audit_log.
-- Raises ME004.
DECLARE
    v_fact_columns text[] := array_remove(
        p_key_columns || ARRAY[p_match_column, p_value_column, p_touch_column], NULL);
    v_dimension_columns text[] := array_remove(
        ARRAY[p_dimension_match_column, p_dimension_value_column,
              p_dimension_venue_column, p_dimension_active_column], NULL);
    v_reserved constant text[] := ARRAY['new_value', 'old_value', 'stored', 'backup_location']
                                  || ARRAY(SELECT b.name FROM etl._backup_columns() b);
    v_missing  text;
BEGIN
    SELECT string_agg(format('%s.%I', m.relation, m.name), ', ')
      INTO v_missing
      FROM (SELECT p_fact_table AS relation, f.name
              FROM unnest(v_fact_columns) AS f (name)
             WHERE NOT etl._column_types(p_fact_table, v_fact_columns) ? f.name
            UNION ALL
            SELECT p_dimension_table, d.name
              FROM unnest(v_dimension_columns) AS d (name)
             WHERE NOT etl._column_types(p_dimension_table, v_dimension_columns) ? d.name) m;
    IF v_missing IS NOT NULL THEN
        RAISE EXCEPTION 'target % names columns that do not exist', p_target
            USING ERRCODE = 'ME004',
                  DETAIL = format('Missing: %s.', v_missing),
                  HINT = 'Name columns as they are stored, without quotes, '
                         'in CALL etl.register_target(...).';
    END IF;
    IF v_fact_columns && v_reserved THEN
        RAISE EXCEPTION 'target % uses a column name that backup tables need for themselves',
            p_target
            USING ERRCODE = 'ME004',
                  DETAIL = format('Reserved: %s.', array_to_string(v_reserved, ', ')),
                  HINT = 'Choose other key columns, or rename the column.';
    END IF;
    IF p_value_column = ANY (p_key_columns || p_match_column) THEN
        RAISE EXCEPTION 'target % would correct a column that identifies its rows', p_target
            USING ERRCODE = 'ME004',
                  DETAIL = format('%I is both the value column and a key or match column.',
                                  p_value_column),
                  HINT = 'Give other key_columns.';
    END IF;
    IF NOT etl._can_touch(p_fact_table, p_touch_column, p_key_columns) THEN
        RAISE EXCEPTION
            'target % would write the time of a change into a column that cannot take it', p_target
            USING ERRCODE = 'ME004',
                  DETAIL = format('%I holds no dates or times, is computed, is part of the key, '
                                  'or decides the partition.', p_touch_column),
                  HINT = 'Give another touch_column, or none: updated_at is used where it can be.';
    END IF;

    INSERT INTO etl.correction_target AS t (
        target, fact_table, key_columns, match_column, value_column, touch_column,
        dimension_table, dimension_match_column, dimension_value_column,
        dimension_venue_column, dimension_active_column, known_values, column_types)
    VALUES (
        p_target, p_fact_table, p_key_columns, p_match_column, p_value_column, p_touch_column,
        p_dimension_table, p_dimension_match_column, p_dimension_value_column,
        p_dimension_venue_column, p_dimension_active_column, p_known_values,
        etl._column_types(p_fact_table, v_fact_columns))
    ON CONFLICT (target) DO UPDATE SET
        fact_table = excluded.fact_table, key_columns = excluded.key_columns,
        match_column = excluded.match_column, value_column = excluded.value_column,
        touch_column = excluded.touch_column, dimension_table = excluded.dimension_table,
        dimension_match_column = excluded.dimension_match_column,
        dimension_value_column = excluded.dimension_value_column,
        dimension_venue_column = excluded.dimension_venue_column,
        dimension_active_column = excluded.dimension_active_column,
        known_values = excluded.known_values, column_types = excluded.column_types,
        registered_at = clock_timestamp(), registered_by = session_user;
    PERFORM etl._audit('register_target', NULL, p_target, NULL, NULL,
                       (SELECT to_jsonb(t) FROM etl.correction_target t WHERE t.target = p_target));
END
$_write_target$;
COMMENT ON FUNCTION etl._write_target IS
    'Internal: checks and records a target.';
