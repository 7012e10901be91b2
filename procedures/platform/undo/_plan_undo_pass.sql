CREATE OR REPLACE FUNCTION etl._plan_undo_pass(
    p_history public.etl_execution_history,
    p_pass    smallint
) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_plan_undo_pass$
-- Plans the next pass of an undo: the passes of the operation backwards, each from its last change
-- to its first, so that rows go before those they refer to.
-- Returns whether there is one.
-- Tables: writes etl.operation_chunk.
DECLARE
    v_passes smallint[] := ARRAY(SELECT c.pass FROM etl.row_change c
                                  WHERE c.execution_id = p_history.subject_execution_id
                                  GROUP BY c.pass ORDER BY c.pass DESC);
BEGIN
    IF p_pass > cardinality(v_passes) THEN
        RETURN false;
    END IF;
    INSERT INTO etl.operation_chunk (
        execution_id, pass, chunk_number, relation, first_item, next_item, end_item,
        rows_per_item, row_locations)
    SELECT p_history.execution_id, p_pass, p.chunk_number, 'etl.row_change'::regclass, 0, 0,
           cardinality(p.places), 1, p.places
      FROM (SELECT (n.position - 1) / 5000 + 1 AS chunk_number,
                   array_agg(n.place ORDER BY n.position) AS places
              FROM (SELECT r.ctid AS place,
                           row_number() OVER (ORDER BY c.change_id DESC) AS position
                      FROM etl._changes_to_undo(p_history.subject_execution_id) c
                      JOIN etl.row_change r USING (change_id)
                     WHERE c.pass = v_passes[p_pass]) n
             GROUP BY 1) p;
    PERFORM etl._enter_phase(p_history.execution_id, 'restoring', p_pass,
                             round(99.0 * (p_pass - 1) / cardinality(v_passes), 2),
                             round(99.0 * p_pass / cardinality(v_passes), 2));
    RETURN true;
END
$_plan_undo_pass$;
COMMENT ON FUNCTION etl._plan_undo_pass IS
    'Internal: plans the next pass of an undo.';
