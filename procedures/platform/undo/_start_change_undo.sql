CREATE OR REPLACE FUNCTION etl._start_change_undo(
    p_history public.etl_execution_history,
    p_undo_id uuid,
    p_options jsonb,
    p_reason  text
) RETURNS uuid
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_start_change_undo$
-- Begins to undo the operation p_history by its change log, or finds the undo of that id.
-- Returns the id of the undo.
-- Raises ME001, ME003, ME005, ME006.
DECLARE
    v_id        constant uuid := coalesce(p_undo_id, gen_random_uuid());
    v_conflicts bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM public.etl_execution_history h WHERE h.execution_id = v_id) THEN
        IF p_history.status IN ('running', 'paused') THEN
            PERFORM etl._claim_target(p_history.target, v_id);
        END IF;
        IF NOT EXISTS (SELECT FROM etl._changes_to_undo(p_history.execution_id)) THEN
            RAISE EXCEPTION '% % cannot be rolled back', p_history.operation, p_history.execution_id
                USING ERRCODE = 'ME005',
                      DETAIL = CASE WHEN p_history.status = 'rolled_back'
                                    THEN 'It has been rolled back already.'
                                    WHEN p_history.dry_run THEN 'It was a dry run.'
                                    ELSE 'It changed nothing.' END,
                      HINT = 'See what operations did: SELECT * FROM etl.execution_history();';
        END IF;
    END IF;
    IF etl._start_operation(v_id, 'undo', p_history.target, p_history.execution_id, p_options,
                            p_reason) THEN
        IF p_options ->> 'on_conflict' = 'abort' THEN
            v_conflicts := etl._count_undo_conflicts(p_history.execution_id);
            IF v_conflicts > 0 THEN
                RAISE EXCEPTION '% rows were changed since the % %; nothing was undone',
                    v_conflicts, p_history.operation, p_history.execution_id
                    USING ERRCODE = 'ME006',
                          DETAIL = 'on_conflict => ''abort'' was given.',
                          HINT = format('Decide about them: CALL etl.rollback_operation(%L, '
                                        'on_conflict => ''keep''), or ''force''.',
                                        p_history.execution_id);
            END IF;
        END IF;
        UPDATE public.etl_execution_history h
           SET records_total = (SELECT count(*) FROM etl._changes_to_undo(p_history.execution_id))
         WHERE h.execution_id = v_id;
        PERFORM etl._plan_undo_pass(h, 1::smallint)
           FROM public.etl_execution_history h
          WHERE h.execution_id = v_id;
    END IF;
    RETURN v_id;
END
$_start_change_undo$;
COMMENT ON FUNCTION etl._start_change_undo IS
    'Internal: begins to undo an operation by its change log.';
