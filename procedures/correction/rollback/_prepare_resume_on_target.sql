CREATE OR REPLACE FUNCTION etl._prepare_resume_on_target(p_history public.etl_execution_history)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_prepare_resume_on_target$
-- Makes an operation that has stopped ready to be taken up again. A rollback that was checking for
-- conflicts begins with that again: rows may have changed since, in either direction.
-- Raises where it cannot be taken up: the backup that it needs was purged (ME007); a retry's
-- correction was rolled back, or a rollback's correction has changed more rows, of which a rollback
-- that has begun knows nothing (ME005); the preflight refuses its target by now (ME008).
-- Tables: writes etl.operation_chunk, etl.operation_control, etl_execution_history.
DECLARE
    v_backup text;
BEGIN
    SELECT b.backup_table INTO v_backup
      FROM etl.correction_backup b
     WHERE b.execution_id IN (p_history.execution_id, p_history.subject_execution_id)
       AND b.purged_at IS NOT NULL;
    IF FOUND THEN
        RAISE EXCEPTION '% % cannot be resumed', p_history.operation, p_history.execution_id
            USING ERRCODE = 'ME007',
                  DETAIL = format('Its backup %s was purged, and with it what its symbols '
                                  'were believed to be.', v_backup),
                  HINT = 'Start a new correction: CALL etl.correct_asset_classes();';
    END IF;
    IF p_history.operation = 'retry' AND EXISTS (
        SELECT FROM public.etl_execution_history h
         WHERE h.execution_id = p_history.subject_execution_id
           AND h.status IN ('rolled_back', 'partially_rolled_back')
    ) THEN
        RAISE EXCEPTION 'retry % cannot be resumed', p_history.execution_id
            USING ERRCODE = 'ME005',
                  DETAIL = format('Correction %s has been rolled back.',
                                  p_history.subject_execution_id),
                  HINT = 'Start a new correction: CALL etl.correct_asset_classes();';
    END IF;
    IF p_history.operation = 'rollback'
       AND (p_history.result ->> 'rows_saved')::bigint
           <> etl._rows_saved(p_history.subject_execution_id) THEN
        RAISE EXCEPTION 'rollback % cannot be resumed', p_history.execution_id
            USING ERRCODE = 'ME005',
                  DETAIL = format('Correction %s had changed %s rows when it began, '
                                  'and %s by now.', p_history.subject_execution_id,
                                  p_history.result ->> 'rows_saved',
                                  etl._rows_saved(p_history.subject_execution_id)),
                  HINT = format('Start another rollback: CALL etl.rollback_correction(%L);',
                                p_history.subject_execution_id);
    END IF;
    PERFORM etl._require_preflight(t)
       FROM etl.correction_target t WHERE t.target = p_history.target;
    IF p_history.phase = 'checking' THEN
        PERFORM etl._plan_check(p_history);
    END IF;
END
$_prepare_resume_on_target$;
COMMENT ON FUNCTION etl._prepare_resume_on_target IS
    'Internal: makes a stopped correction, retry or rollback ready to be taken up again.';
