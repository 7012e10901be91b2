CREATE OR REPLACE FUNCTION etl._require_resumable(p_history public.etl_execution_history) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_require_resumable$
-- Raises where an operation that has stopped cannot be taken up again: the backup that it needs was purged
-- (ME007), or its correction was rolled back since (ME005).
DECLARE
    v_backup text;
BEGIN
    SELECT b.backup_table INTO v_backup
      FROM etl.correction_backup b
     WHERE b.execution_id IN (p_history.execution_id, p_history.parent_execution_id) AND b.purged_at IS NOT NULL;
    IF FOUND THEN
        RAISE EXCEPTION '% % cannot be resumed', p_history.operation, p_history.execution_id
            USING ERRCODE = 'ME007',
                  DETAIL = format('Its backup %s was purged, and with it what its symbols were believed to be.', v_backup),
                  HINT = 'Start a new correction: CALL etl.correct_asset_classes();';
    END IF;
    IF p_history.operation = 'retry' AND EXISTS (
        SELECT FROM public.etl_execution_history h
         WHERE h.execution_id = p_history.parent_execution_id
           AND h.status IN ('rolled_back', 'partially_rolled_back')
    ) THEN
        RAISE EXCEPTION 'retry % cannot be resumed', p_history.execution_id
            USING ERRCODE = 'ME005',
                  DETAIL = format('Correction %s has been rolled back.', p_history.parent_execution_id),
                  HINT = 'Start a new correction: CALL etl.correct_asset_classes();';
    END IF;
END
$_require_resumable$;
COMMENT ON FUNCTION etl._require_resumable(public.etl_execution_history) IS
    'Internal: raises where a stopped operation cannot be taken up again.';
