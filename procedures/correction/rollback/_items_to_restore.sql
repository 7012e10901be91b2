CREATE OR REPLACE FUNCTION etl._items_to_restore(
    p_history public.etl_execution_history,
    p_target  etl.correction_target
) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_items_to_restore$
-- SQL condition on a row b of the backup: this rollback is about it, and it is not one of those that
-- etl._record_superseded() has found.
SELECT etl._restore_scope(p_history, p_target)
       || CASE WHEN p_history.result ? 'superseded' THEN format(
              ' AND NOT EXISTS (SELECT FROM etl.rollback_exception x WHERE x.rollback_id = %L '
              'AND x.backup_location = b.ctid AND x.outcome = ''unchanged'')', p_history.execution_id) ELSE '' END
$_items_to_restore$;
COMMENT ON FUNCTION etl._items_to_restore(public.etl_execution_history, etl.correction_target) IS
    'Internal: SQL condition that a rollback restores a row of the backup.';
