CREATE OR REPLACE FUNCTION etl.set_column_default(
    relation    regclass,
    column_name text,
    value       text DEFAULT NULL,
    OUT old_value text,
    OUT new_value text
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $set_column_default$
-- Says what new rows get in a column that no job knows.
-- value: NULL takes the setting back.
-- Tables: writes etl.column_default, etl.audit_log.
-- Raises ME003, 42501, and what the column's type says to the value.
-- SECURITY DEFINER: admins do not own our tables; whoever sets a default must be allowed to insert
-- into the table by hand.
-- The value is cast to the column's type by a statement made here.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_type text := etl._column_types(relation, ARRAY[column_name]) ->> column_name;
BEGIN
    IF v_type IS NULL THEN
        RAISE EXCEPTION 'there is no column % in table %',
            coalesce(quote_ident(column_name), 'NULL'), coalesce(relation::text, 'NULL')
            USING ERRCODE = 'ME003',
                  DETAIL = 'Columns are named as they are stored, without quotes.',
                  HINT = 'SELECT * FROM '
                         'etl.set_column_default(''public.symbols'', ''Tick'', ''0.01'');';
    END IF;
    IF NOT has_table_privilege(session_user, relation, 'INSERT') THEN
        RAISE EXCEPTION 'permission denied to set defaults of %', relation
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('%s may not insert into it.', session_user),
                  HINT = 'A default can be set by who could insert by hand.';
    END IF;
    IF value IS NOT NULL THEN
        EXECUTE format('SELECT %L::%s', value, v_type);
    END IF;
    SELECT c.value INTO old_value
      FROM etl.column_default c
     WHERE c.relation = set_column_default.relation
       AND c.column_name = set_column_default.column_name;
    new_value := value;
    DELETE FROM etl.column_default c
     WHERE c.relation = set_column_default.relation
       AND c.column_name = set_column_default.column_name;
    INSERT INTO etl.column_default (relation, column_name, value)
    SELECT set_column_default.relation, set_column_default.column_name, set_column_default.value
     WHERE set_column_default.value IS NOT NULL;
    PERFORM etl._audit('set_column_default', NULL, format('%s.%I', relation, column_name), NULL,
                       jsonb_build_object('value', old_value),
                       jsonb_build_object('value', new_value));
END
$set_column_default$;
COMMENT ON FUNCTION etl.set_column_default IS $comment$
Sets what new rows of a platform table get in a column that no job knows.
The column is NOT NULL and has no default. Needs etl_admin and the right to insert into the table.

Parameters:
  relation: Table of the platform, as written in SQL.
  column_name: Name of its column as it is stored, without quotes.
  value: Value as text that the type of the column reads. NULL takes the setting back.
Returns the setting before and after.
Raises ME003, and 22P02 for a value that the type of the column does not take.
$comment$;
