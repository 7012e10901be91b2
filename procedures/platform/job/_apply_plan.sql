CREATE OR REPLACE FUNCTION etl._apply_plan(
    p_history public.etl_execution_history,
    p_worker  etl.operation_worker,
    p_rows    tid[]
) RETURNS bigint
LANGUAGE plpgsql
-- The change log must read the same in every session.
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, MDY'
SET intervalstyle = 'postgres'
AS $_apply_plan$
-- Inserts and updates the planned rows of a batch in the platform's tables, with their change log.
-- p_rows: their places in etl.row_plan.
-- Returns how many were changed; a dry run tells how many are planned.
-- Locks: the rows; the whole table against other writers where only that prevents duplicates.
-- Every name in the statements is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_changed     bigint := 0::bigint;
    v_rows        bigint;
    v_statement   text;
    v_relation    regclass;
    r_group       record;
BEGIN
    IF p_history.dry_run THEN
        RETURN cardinality(p_rows)::bigint;
    END IF;
    FOR r_group IN
        SELECT s.entity, s.action, array_agg(s.ctid ORDER BY s.position) AS places,
               ARRAY(SELECT DISTINCT k.field
                       FROM unnest(array_agg(s.fields)) AS f (fields)
                      CROSS JOIN LATERAL jsonb_object_keys(f.fields) AS k (field)) AS fields
          FROM etl.row_plan s
         WHERE s.ctid = ANY (p_rows)
         GROUP BY s.entity, s.action
         ORDER BY min(s.position)
    LOOP
        v_relation := etl._platform_table(r_group.entity);
        IF r_group.action = 'insert'
           AND etl._needs_insert_lock(r_group.entity, v_relation, r_group.places) THEN
            EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', v_relation);
        END IF;
        v_statement := CASE r_group.action
            WHEN 'insert' THEN etl._insert_statement(r_group.entity, v_relation, r_group.fields)
            ELSE etl._update_statement(r_group.entity, v_relation, r_group.fields) END;
        IF v_statement IS NOT NULL THEN
            PERFORM etl._trust_triggers(v_relation);
            EXECUTE v_statement USING p_history.execution_id, r_group.places, p_worker.batch_number;
            GET DIAGNOSTICS v_rows = ROW_COUNT;
            v_changed := v_changed + v_rows;
        END IF;
    END LOOP;
    RETURN v_changed;
END
$_apply_plan$;
COMMENT ON FUNCTION etl._apply_plan IS
    'Internal: inserts and updates planned rows in the platform''s tables.';
