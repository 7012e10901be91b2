CREATE OR REPLACE FUNCTION etl._finish_undo(p_history public.etl_execution_history) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_finish_undo$
-- Counts the outcomes of an undo, and gives the operation that it undid its status.
-- Tables: writes etl_execution_history.
BEGIN
    UPDATE public.etl_execution_history h
       SET result = h.result || jsonb_build_object('outcomes', (
               SELECT coalesce(jsonb_object_agg(o.outcome, o.count), '{}')
                 FROM (SELECT x.outcome, count(*) FROM etl.undo_outcome x
                        WHERE x.undo_id = p_history.execution_id GROUP BY x.outcome) o))
     WHERE h.execution_id = p_history.execution_id;
    IF NOT p_history.dry_run THEN
        UPDATE public.etl_execution_history h
           SET status = CASE WHEN EXISTS (SELECT FROM etl._changes_to_undo(h.execution_id))
                             THEN 'partially_rolled_back' ELSE 'rolled_back' END,
               finished_at = coalesce(h.finished_at, clock_timestamp())
         WHERE h.execution_id = p_history.parent_execution_id;
    END IF;
END
$_finish_undo$;
COMMENT ON FUNCTION etl._finish_undo(public.etl_execution_history) IS
    'Internal: outcomes of an undo, and the status of what it undid.';
