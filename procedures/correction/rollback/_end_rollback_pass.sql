CREATE OR REPLACE FUNCTION etl._end_rollback_pass(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    OUT wait   interval,
    OUT reason text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_end_rollback_pass$
-- Takes a rollback from one phase to the next: checking (on_conflict => 'abort' only), restoring,
-- sweeping (rows that other sessions held).
-- Returns how long, and why, to wait before this is called again; NULL: planned or finished.
BEGIN
    CASE p_history.phase
        WHEN 'checking' THEN PERFORM etl._plan_restore(p_history);
        WHEN 'restoring', 'sweeping' THEN wait := etl._plan_held_rows(p_history, p_control);
    END CASE;
    reason := 'rows that other sessions hold';
END
$_end_rollback_pass$;
COMMENT ON FUNCTION etl._end_rollback_pass IS
    'Internal: next phase of a rollback.';
