CREATE OR REPLACE FUNCTION etl.rollback_outcomes(
    rollback_id uuid,
    OUT key jsonb,
    INOUT outcome text DEFAULT NULL,
    OUT old_value text,
    OUT new_value text,
    OUT current_value text
) RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $rollback_outcomes$
-- The outcome of every row that a rollback has dealt with: those of its chunks up to their cursors,
-- restored unless an exception says otherwise.
-- Raises ME002, ME007.
-- SECURITY DEFINER: readers may not know the fact table's schema.
-- Every name in the statement is quoted by format; the row type is fixed by the OUT parameters.
-- @plpgsql_check_options: security_warnings = off, extra_warnings = off, performance_warnings = off
DECLARE
    r_history public.etl_execution_history;
    r_target  etl.correction_target;
BEGIN
    SELECT h.* INTO r_history
      FROM public.etl_execution_history h
     WHERE h.execution_id = rollback_outcomes.rollback_id AND h.operation = 'rollback';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no rollback %',
            coalesce(rollback_outcomes.rollback_id::text, 'NULL')
            USING ERRCODE = 'ME002',
                  DETAIL = 'No rollback has that id.',
                  HINT = 'List the rollbacks: '
                         'SELECT * FROM etl.execution_history(operation => ''rollback'');';
    END IF;
    SELECT t.* INTO r_target FROM etl.correction_target t WHERE t.target = r_history.target;
    RETURN QUERY EXECUTE format($query$
        SELECT %1$s, coalesce(x.outcome, 'restored'), b.%2$I::text, b.new_value::text,
               CASE WHEN x.outcome IS NULL THEN b.%2$I::text ELSE x.current_value END
          FROM %3$s b
          LEFT JOIN etl.rollback_exception x ON x.rollback_id = $1 AND x.backup_location = b.ctid
         WHERE %4$s AND %5$s AND ($2 IS NULL OR coalesce(x.outcome, 'restored') = $2)
        $query$, etl._key_expression(r_target, 'b'), r_target.value_column,
        etl._require_backup(r_history.subject_execution_id),
        etl._restore_scope_condition(r_history, r_target),
        etl._blocks_done_condition(rollback_outcomes.rollback_id))
    USING rollback_outcomes.rollback_id, rollback_outcomes.outcome;
END
$rollback_outcomes$;
COMMENT ON FUNCTION etl.rollback_outcomes IS $comment$
Returns the outcome of every row of a rollback.
It is restored, forced, kept (changed since, left alone), missing (deleted since), unchanged (had
the old value already), held (to be tried again) or failed. Needs the backup table.

Parameters:
  rollback_id: Id of the rollback.
  outcome: Only rows with this outcome. NULL means all. One of: restored, forced, kept, missing,
    unchanged, held, failed.
Raises ME002, ME007.
$comment$;
