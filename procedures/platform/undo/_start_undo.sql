CREATE OR REPLACE FUNCTION etl._start_undo(
    p_execution_id uuid,
    p_undo_id      uuid,
    p_on_conflict  text,
    p_dry_run      boolean,
    p_timeout      interval,
    p_reason       text
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_start_undo$
-- Begins to undo an operation, or finds the undo of that id. Returns the id of the undo.
-- Raises ME001 to ME006, ME008. SECURITY DEFINER: operators have no rights on the tables.
DECLARE
    v_id        uuid := coalesce(p_undo_id, gen_random_uuid());
    v_conflicts bigint;
    v_options   jsonb := jsonb_build_object('on_conflict', p_on_conflict, 'dry_run', p_dry_run, 'timeout', p_timeout);
    r_history   public.etl_execution_history;
BEGIN
    PERFORM etl._check_options(v_options);
    PERFORM etl._check_session(p_timeout);
    r_history := etl._require_operation(p_execution_id);
    IF r_history.operation = 'correction' THEN
        RETURN etl._start_rollback(p_execution_id, p_undo_id, etl._job_options(
            v_options || '{"target_symbols": null, "batch_numbers": null, "validate_after_rollback": true, "max_error_rate": 10}'), p_reason);
    END IF;

    IF NOT EXISTS (SELECT FROM public.etl_execution_history h WHERE h.execution_id = v_id) THEN
        IF r_history.status IN ('running', 'paused') THEN
            PERFORM etl._claim_target(r_history.target, v_id);
        END IF;
        IF NOT EXISTS (SELECT FROM etl._changes_to_undo(p_execution_id)) THEN
            RAISE EXCEPTION '% % cannot be rolled back', r_history.operation, p_execution_id
                USING ERRCODE = 'ME005',
                      DETAIL = CASE WHEN r_history.status = 'rolled_back' THEN 'It has been rolled back already.'
                                    WHEN r_history.dry_run THEN 'It was a dry run.'
                                    WHEN r_history.operation IN ('rollback', 'retry', 'purge', 'undo')
                                    THEN format('An operation of kind %s has no change log.', r_history.operation)
                                    ELSE 'It changed nothing.' END,
                      HINT = 'See what operations did: SELECT * FROM etl.execution_history();';
        END IF;
    END IF;
    IF etl._start_operation(v_id, 'undo', r_history.target, p_execution_id, etl._job_options(v_options), p_reason) THEN
        IF p_on_conflict = 'abort' THEN
            v_conflicts := etl._count_undo_conflicts(p_execution_id);
            IF v_conflicts > 0 THEN
                RAISE EXCEPTION '% rows were changed since the % %; nothing was undone', v_conflicts, r_history.operation, p_execution_id
                    USING ERRCODE = 'ME006',
                          DETAIL = 'on_conflict => ''abort'' was given.',
                          HINT = format('Decide about them: CALL etl.rollback_operation(%L, on_conflict => ''keep''), or ''force''.', p_execution_id);
            END IF;
        END IF;
        UPDATE public.etl_execution_history h
           SET records_total = (SELECT count(*) FROM etl._changes_to_undo(p_execution_id))
         WHERE h.execution_id = v_id;
        PERFORM etl._plan_undo_pass(h, 1::smallint) FROM public.etl_execution_history h WHERE h.execution_id = v_id;
    END IF;
    RETURN v_id;
END
$_start_undo$;
COMMENT ON FUNCTION etl._start_undo(uuid, uuid, text, boolean, interval, text) IS
    'Internal: begins to undo an operation.';
