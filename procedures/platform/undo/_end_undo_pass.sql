CREATE OR REPLACE FUNCTION etl._end_undo_pass(
    p_history public.etl_execution_history,
    p_control etl.operation_control
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_end_undo_pass$
-- Plans the next pass of an undo, or finishes it: counts its outcomes, and gives the operation that
-- it undid its status. Tables: writes etl_execution_history.
DECLARE
    v_outcomes jsonb;
BEGIN
    IF etl._plan_undo_pass(p_history, (p_control.pass + 1)::smallint) THEN
        RETURN;
    END IF;
    SELECT coalesce(jsonb_object_agg(o.outcome, o.count), '{}')
      INTO v_outcomes
      FROM (SELECT x.outcome, count(*) FROM etl.undo_outcome x
             WHERE x.undo_id = p_history.execution_id GROUP BY x.outcome) o;
    IF NOT p_history.dry_run THEN
        UPDATE public.etl_execution_history h
           SET status = CASE WHEN EXISTS (SELECT FROM etl._changes_to_undo(h.execution_id))
                             THEN 'partially_rolled_back' ELSE 'rolled_back' END,
               finished_at = coalesce(h.finished_at, clock_timestamp())
         WHERE h.execution_id = p_history.subject_execution_id;
    END IF;
    PERFORM etl._finish_platform_job(p_history, jsonb_build_object('outcomes', v_outcomes));
END
$_end_undo_pass$;
COMMENT ON FUNCTION etl._end_undo_pass IS
    'Internal: next pass of an undo, or its end.';
