CREATE OR REPLACE FUNCTION etl._end_pass(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    OUT wait   interval,
    OUT reason text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_end_pass$
-- Hook: all chunks of a pass are done, or it has none. The elected worker plans the next pass of
-- the job, or finishes the operation.
-- wait, reason: how long, and why, to wait before this is called again; NULL: planned or finished.
BEGIN
    CASE p_history.operation
        WHEN 'correction', 'retry' THEN
            SELECT e.wait, e.reason INTO wait, reason
              FROM etl._end_correction_pass(p_history, p_control) e;
        WHEN 'rollback' THEN
            SELECT e.wait, e.reason INTO wait, reason
              FROM etl._end_rollback_pass(p_history, p_control) e;
        WHEN 'purge' THEN
            PERFORM etl._end_purge_pass(p_history);
        WHEN 'bootstrap' THEN
            PERFORM etl._end_bootstrap_pass(p_history, p_control);
        WHEN 'sync' THEN
            PERFORM etl._end_sync_pass(p_history);
        WHEN 'cleanup' THEN
            PERFORM etl._end_cleanup_pass(p_history);
        WHEN 'undo' THEN
            PERFORM etl._end_undo_pass(p_history, p_control);
    END CASE;
END
$_end_pass$;
COMMENT ON FUNCTION etl._end_pass IS
    'Internal: hook for the end of a pass.';
