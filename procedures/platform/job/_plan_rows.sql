CREATE OR REPLACE FUNCTION etl._plan_rows(
    p_execution_id uuid,
    p_pass         smallint,
    p_phase        text,
    p_progress_from numeric,
    p_progress_to   numeric
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_plan_rows$
-- Begins the pass that does the rows which the job has put into etl.row_plan for it.
-- Tables: writes etl.operation_chunk, etl.operation_control, etl_execution_history.
-- Raises ME004, ME008.
DECLARE
    r_group record;
BEGIN
    -- What a table cannot be given is to be known before anything is done: raises ME008.
    FOR r_group IN
        SELECT s.entity, array_agg(DISTINCT f.field) AS fields
          FROM etl.row_plan s
         CROSS JOIN LATERAL jsonb_object_keys(s.fields) AS f (field)
         WHERE s.execution_id = p_execution_id AND s.pass = p_pass AND s.action = 'insert'
         GROUP BY s.entity
    LOOP
        PERFORM etl._insert_statement(r_group.entity, etl._platform_table(r_group.entity),
                                      r_group.fields);
    END LOOP;
    INSERT INTO etl.operation_chunk (
        execution_id, pass, chunk_number, relation, first_item, next_item, end_item,
        rows_per_item, row_locations)
    SELECT p_execution_id, p_pass, c.chunk_number, 'etl.row_plan'::regclass, 0, 0,
           cardinality(c.places), 1, c.places
      FROM (SELECT (s.position - 1) / 5000 + 1 AS chunk_number,
                   array_agg(s.ctid ORDER BY s.position) AS places
              FROM etl.row_plan s
             WHERE s.execution_id = p_execution_id AND s.pass = p_pass
             GROUP BY 1) c;
    UPDATE public.etl_execution_history h
       SET records_total = coalesce(h.records_total, 0)
                           + (SELECT count(*) FROM etl.row_plan s
                               WHERE s.execution_id = p_execution_id AND s.pass = p_pass)
     WHERE h.execution_id = p_execution_id;
    PERFORM etl._enter_phase(p_execution_id, p_phase, p_pass, p_progress_from, p_progress_to);
END
$_plan_rows$;
COMMENT ON FUNCTION etl._plan_rows IS
    'Internal: begins the pass that does planned rows.';
