CREATE OR REPLACE FUNCTION etl._undo_rows(p_history public.etl_execution_history, p_rows tid[])
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, MDY'
SET intervalstyle = 'postgres'
AS $_undo_rows$
-- Undoes the changes of a batch, each with its outcome.
-- p_rows: their places in etl.row_change.
-- Returns how many were undone.
-- Locks: the rows.
-- Every name in the statements is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_undone bigint := 0::bigint;
    v_rows   bigint;
    r_group  record;
BEGIN
    FOR r_group IN
        SELECT c.relation, c.entity, c.before IS NULL AS is_insert,
               array_agg(c.ctid ORDER BY c.change_id DESC) AS places,
               ARRAY(SELECT DISTINCT k.column_name
                       FROM unnest(array_agg(c.before)) AS b (before)
                      CROSS JOIN LATERAL jsonb_object_keys(b.before) AS k (column_name)) AS columns
          FROM etl.row_change c
         WHERE c.ctid = ANY (p_rows)
         GROUP BY c.relation, c.entity, c.before IS NULL
         ORDER BY max(c.change_id) DESC
    LOOP
        PERFORM etl._trust_triggers(r_group.relation);
        EXECUTE etl._undo_statement(r_group.entity, r_group.relation, r_group.is_insert,
                                    r_group.columns)
           INTO v_rows
          USING p_history.execution_id, r_group.places,
                p_history.parameters ->> 'on_conflict' = 'force', p_history.dry_run;
        v_undone := v_undone + v_rows;
        IF r_group.entity = 'symbol' AND NOT p_history.dry_run THEN
            PERFORM etl._unrecord_symbols(p_history.execution_id, r_group.places);
        END IF;
    END LOOP;
    RETURN v_undone;
END
$_undo_rows$;
COMMENT ON FUNCTION etl._undo_rows IS
    'Internal: undoes the changes of a batch.';
