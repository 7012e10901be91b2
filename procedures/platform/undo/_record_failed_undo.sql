CREATE OR REPLACE FUNCTION etl._record_failed_undo(
    p_history  public.etl_execution_history,
    p_row      tid,
    p_sqlstate text,
    p_message  text
) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $_record_failed_undo$
-- Records a change that could not be undone.
-- p_row: its place in etl.row_change.
-- Tables: writes etl.undo_outcome.
INSERT INTO etl.undo_outcome (undo_id, change_id, outcome, message)
SELECT p_history.execution_id, c.change_id, 'failed', format('%s: %s', p_sqlstate, p_message)
  FROM etl.row_change c
 WHERE c.ctid = p_row
ON CONFLICT (undo_id, change_id)
    DO UPDATE SET message = excluded.message, recorded_at = clock_timestamp()
$_record_failed_undo$;
COMMENT ON FUNCTION etl._record_failed_undo IS
    'Internal: records a change that could not be undone.';
