CREATE OR REPLACE FUNCTION etl._count_undo_conflicts(p_execution_id uuid) RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, MDY'
SET intervalstyle = 'postgres'
AS $_count_undo_conflicts$
-- Rows of an operation that others have changed or deleted since. A row that a later pass of the
-- same operation changed again is compared with what that pass left. Every name in the statements
-- is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_conflicts bigint := 0::bigint;
    v_rows      bigint;
    r_table     record;
BEGIN
    FOR r_table IN
        SELECT DISTINCT c.relation, c.entity FROM etl._changes_to_undo(p_execution_id) c
    LOOP
        EXECUTE format($query$
            SELECT count(*)
              FROM (SELECT DISTINCT ON (c.key) c.key, c.after
                      FROM etl._changes_to_undo($1) c WHERE c.relation = $2
                     ORDER BY c.key, c.change_id DESC) c
             CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$s, c.key) k
              LEFT JOIN %1$s t ON %2$s
             WHERE t IS NULL OR NOT etl._holds(to_jsonb(t), c.after - %3$L::text)
            $query$, r_table.relation, etl._same_row_condition(r_table.relation, 't', 'k'),
            coalesce(etl._platform_column(r_table.entity, r_table.relation, 'updated_at'), ''))
        INTO v_rows USING p_execution_id, r_table.relation;
        v_conflicts := v_conflicts + v_rows;
    END LOOP;
    RETURN v_conflicts;
END
$_count_undo_conflicts$;
COMMENT ON FUNCTION etl._count_undo_conflicts IS
    'Internal: rows of an operation that others have changed since.';
