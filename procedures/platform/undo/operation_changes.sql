CREATE OR REPLACE FUNCTION etl.operation_changes(execution_id uuid)
RETURNS TABLE (
    change_id bigint, entity text, table_name text, key jsonb, action text,
    before jsonb, after jsonb, changed_at timestamptz, outcome text, message text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $operation_changes$
-- What an operation did to the platform's tables and, where it was rolled back, the last outcome
-- for each row; for the id of an undo, what that undo was about.
-- Raises ME002.
-- SECURITY DEFINER: one right to read for all readers.
DECLARE
    r_history constant public.etl_execution_history :=
        etl._require_operation(operation_changes.execution_id);
BEGIN
    RETURN QUERY
    SELECT c.change_id, c.entity, c.relation::text, c.key,
           CASE WHEN c.before IS NULL THEN 'insert' ELSE 'update' END,
           c.before, c.after, c.changed_at, o.outcome, o.message
      FROM etl.row_change c
      LEFT JOIN LATERAL (SELECT x.outcome, x.message
                           FROM etl.undo_outcome x
                          WHERE x.change_id = c.change_id
                            AND (r_history.operation <> 'undo'
                                 OR x.undo_id = r_history.execution_id)
                          ORDER BY x.recorded_at DESC LIMIT 1) o ON true
     WHERE c.execution_id = CASE r_history.operation WHEN 'undo' THEN r_history.subject_execution_id
                                                     ELSE r_history.execution_id END
     ORDER BY c.change_id;
END
$operation_changes$;
COMMENT ON FUNCTION etl.operation_changes IS $comment$
Returns the change log of an operation on the platform's tables (symbols, reference data).
Each row has its values before and after, and what an undo made of it: restored, forced, kept,
missing, unchanged or failed. For the id of an undo they are the outcomes of that undo.

As in etl.cancel_operation: execution_id.
Raises ME002.
$comment$;
