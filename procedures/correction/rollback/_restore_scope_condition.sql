CREATE OR REPLACE FUNCTION etl._restore_scope_condition(
    p_history public.etl_execution_history,
    p_target  etl.correction_target,
    p_books   boolean DEFAULT false
) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_restore_scope_condition$
-- SQL condition on a row b of the backup: this rollback is about it, by symbol and batch, and no
-- earlier rollback of the correction has dealt with it. What an earlier one did is its chunks up to
-- their cursors, within its own restriction, but for the rows that it had to leave. Once the backup
-- was rewritten, or has got more rows, that is not known any more: all are looked at again, and
-- those that have been restored are found unchanged.
-- p_books: what is to be booked by this one: also what earlier ones did that have not come to their
-- end.
DECLARE
    v_earlier text;
BEGIN
    SELECT coalesce(string_agg(format($condition$
            AND NOT (%1$s AND %2$s AND NOT EXISTS (
                SELECT FROM etl.rollback_exception x
                 WHERE x.rollback_id = %3$L AND x.backup_location = b.ctid
                   AND x.outcome IN ('kept', 'failed', 'held')))
            $condition$, etl._blocks_done_condition(r.execution_id),
            etl._restriction_condition(r.parameters, p_target.match_column),
            r.execution_id), ''), '')
      INTO v_earlier
      FROM public.etl_execution_history r
     WHERE r.subject_execution_id = p_history.subject_execution_id AND r.operation = 'rollback'
       AND NOT r.dry_run AND r.execution_id <> p_history.execution_id
       AND (r.result ->> 'backup_file', r.result ->> 'rows_saved')
           = (p_history.result ->> 'backup_file', p_history.result ->> 'rows_saved')
       AND (NOT p_books OR r.status IN ('completed', 'completed_with_errors'));
    RETURN etl._restriction_condition(p_history.parameters, p_target.match_column) || v_earlier;
END
$_restore_scope_condition$;
COMMENT ON FUNCTION etl._restore_scope_condition IS
    'Internal: SQL condition that a rollback is about a row of the backup.';
