CREATE OR REPLACE FUNCTION etl._record_failure(
    p_history  public.etl_execution_history,
    p_batch    etl.batch_claim,
    p_row      tid,
    p_sqlstate text,
    p_message  text
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_record_failure$
-- Hook: records a row that was refused. p_row: its place, as etl._change_rows() was given it.
BEGIN
    CASE p_history.operation
        WHEN 'correction', 'retry' THEN
            PERFORM etl._record_failed_correction(p_history, p_batch, p_row, p_sqlstate, p_message);
        WHEN 'rollback' THEN
            PERFORM etl._record_failed_restore(p_history, p_batch, p_row, p_sqlstate, p_message);
        WHEN 'bootstrap', 'sync', 'cleanup' THEN
            PERFORM etl._record_failed_plan(p_history, p_row, p_sqlstate, p_message);
        WHEN 'undo' THEN
            PERFORM etl._record_failed_undo(p_history, p_row, p_sqlstate, p_message);
    END CASE;
END
$_record_failure$;
COMMENT ON FUNCTION etl._record_failure IS
    'Internal: hook that records a row that was refused.';
