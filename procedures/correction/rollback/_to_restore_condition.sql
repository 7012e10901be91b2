CREATE OR REPLACE FUNCTION etl._to_restore_condition(
    p_history public.etl_execution_history,
    p_target  etl.correction_target
) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_to_restore_condition$
-- SQL condition on a row b of the backup: this rollback is about it, and it is not one of those
-- that etl._record_superseded() has found.
SELECT etl._restore_scope_condition(p_history, p_target)
       || CASE WHEN p_history.result ? 'superseded'
               THEN format(' AND NOT EXISTS (SELECT FROM etl.rollback_exception x '
                           'WHERE x.rollback_id = %L '
                           'AND x.backup_location = b.ctid AND x.outcome = ''unchanged'')',
                           p_history.execution_id)
               ELSE '' END
$_to_restore_condition$;
COMMENT ON FUNCTION etl._to_restore_condition IS
    'Internal: SQL condition that a rollback restores a row of the backup.';
