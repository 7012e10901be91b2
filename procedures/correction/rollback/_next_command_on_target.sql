CREATE OR REPLACE FUNCTION etl._next_command_on_target(p_history public.etl_execution_history)
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_next_command_on_target$
-- What one would do next about a correction or a rollback that has ended; NULL: nothing special.
SELECT CASE
    WHEN p_history.status = 'completed_with_errors' AND p_history.operation = 'correction'
         AND p_history.records_failed > 0
    THEN format('see etl.failed_record; then CALL etl.retry_failed_records(%L)',
                p_history.execution_id)
    WHEN p_history.status = 'completed_with_errors' AND p_history.operation = 'correction'
    THEN 'rows were held by other sessions to the end: run the correction again'
    WHEN p_history.status = 'completed_with_errors' AND p_history.operation = 'rollback'
    THEN format('see SELECT * FROM etl.rollback_outcomes(%L)', p_history.execution_id)
    WHEN p_history.status IN ('completed', 'partially_rolled_back')
         AND p_history.operation = 'correction' AND p_history.backup_table IS NOT NULL
    THEN format('undo: CALL etl.rollback_correction(%L)', p_history.execution_id) END
$_next_command_on_target$;
COMMENT ON FUNCTION etl._next_command_on_target IS
    'Internal: next command about a correction or a rollback.';
