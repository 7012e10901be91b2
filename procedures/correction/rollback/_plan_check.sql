CREATE OR REPLACE FUNCTION etl._plan_check(p_history public.etl_execution_history) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_plan_check$
-- Plans the pass of a rollback that counts conflicts, and forgets what an earlier one counted.
-- Tables: writes etl.operation_chunk, etl.operation_control, etl_execution_history.
BEGIN
    DELETE FROM etl.operation_chunk k WHERE k.execution_id = p_history.execution_id AND k.pass = 0;
    PERFORM etl._plan_blocks(p_history.execution_id, 0::smallint,
                             etl._require_backup(p_history.subject_execution_id), false);
    PERFORM etl._enter_phase(p_history.execution_id, 'checking', 0::smallint, 0, 40);
END
$_plan_check$;
COMMENT ON FUNCTION etl._plan_check IS
    'Internal: plans the pass of a rollback that counts conflicts.';
