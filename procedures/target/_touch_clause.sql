CREATE OR REPLACE FUNCTION etl._touch_clause(p_target etl.correction_target) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_touch_clause$
-- Rest of a SET list that marks the row as changed now; empty where the table has no such column.
SELECT CASE WHEN p_target.touch_column IS NULL THEN ''
            ELSE format(', %I = now()', p_target.touch_column) END
$_touch_clause$;
COMMENT ON FUNCTION etl._touch_clause IS
    'Internal: SET clause of the touch column.';
