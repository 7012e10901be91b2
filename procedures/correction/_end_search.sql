CREATE OR REPLACE FUNCTION etl._end_search(
    p_history public.etl_execution_history,
    p_control etl.operation_control
) RETURNS interval
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_end_search$
-- Ends a search for empty values and plans the pass that corrects what was found, by it or by an
-- index.
-- Returns how long to wait before this is called again; NULL: planned, or all is done.
-- Tables: writes etl_execution_history, and those of the plan.
BEGIN
    UPDATE public.etl_execution_history h
       SET result = h.result || jsonb_build_object('empty_found', (
               SELECT coalesce(sum(k.end_item), 0)
                 FROM etl.operation_chunk k
                WHERE k.execution_id = h.execution_id AND k.pass = p_control.pass + 1))
     WHERE h.execution_id = p_history.execution_id
    RETURNING h.* INTO p_history;
    IF p_control.pass > 0 THEN
        RETURN etl._plan_sweep(p_history, p_control);
    END IF;
    PERFORM etl._plan_correction(p_history);
    RETURN NULL;
END
$_end_search$;
COMMENT ON FUNCTION etl._end_search IS
    'Internal: ends a search for empty values.';
