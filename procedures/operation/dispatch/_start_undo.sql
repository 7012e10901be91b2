CREATE OR REPLACE FUNCTION etl._start_undo(
    p_execution_id uuid,
    p_undo_id      uuid,
    p_on_conflict  text,
    p_dry_run      boolean,
    p_timeout      interval,
    p_reason       text,
    OUT undo_id uuid
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_start_undo$
-- Hook: begins to undo an operation as its kind of job is undone, or finds the undo of that id.
-- Returns the id of the undo.
-- Raises ME001 to ME008.
-- SECURITY DEFINER: operators have no rights on the tables.
DECLARE
    v_options   constant jsonb := jsonb_build_object(
        'on_conflict', p_on_conflict, 'dry_run', p_dry_run, 'timeout', p_timeout);
    r_history   public.etl_execution_history;
    v_undone_by text;
BEGIN
    PERFORM etl._check_options(v_options);
    PERFORM etl._check_session(p_timeout);
    r_history := etl._require_operation(p_execution_id);
    SELECT j.undone_by INTO STRICT v_undone_by
      FROM etl._jobs() j
     WHERE j.operation = r_history.operation;
    IF v_undone_by IS NULL THEN
        RAISE EXCEPTION '% % cannot be rolled back', r_history.operation, p_execution_id
            USING ERRCODE = 'ME005',
                  DETAIL = format('An operation of kind %s has no change log.',
                                  r_history.operation),
                  HINT = 'See what operations did: SELECT * FROM etl.execution_history();';
    END IF;
    CASE v_undone_by
        WHEN 'backup' THEN
            undo_id := etl._start_rollback(
                p_execution_id, p_undo_id, v_options || jsonb_build_object(
                'target_symbols', NULL, 'batch_numbers', NULL,
                'validate_after_rollback', true, 'max_error_rate', 10), p_reason);
        WHEN 'change_log' THEN
            undo_id := etl._start_change_undo(r_history, p_undo_id, v_options, p_reason);
    END CASE;
END
$_start_undo$;
COMMENT ON FUNCTION etl._start_undo IS
    'Internal: hook that begins to undo an operation.';
