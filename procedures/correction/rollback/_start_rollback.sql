CREATE OR REPLACE FUNCTION etl._start_rollback(
    p_correction_id uuid,
    p_rollback_id   uuid,
    p_options       jsonb,
    p_reason        text
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_start_rollback$
-- Checks that a correction can be rolled back, and begins to, or finds the rollback of that id.
-- Returns the id of the rollback.
-- Raises ME001 to ME005, ME007, ME008.
-- SECURITY DEFINER: operators have no rights on the tables.
DECLARE
    v_id         uuid := coalesce(p_rollback_id, gen_random_uuid());
    v_backup     regclass;
    r_correction public.etl_execution_history;
    r_target     etl.correction_target;
BEGIN
    PERFORM etl._check_options(p_options);
    PERFORM etl._check_session((p_options ->> 'timeout')::interval);
    r_correction := etl._require_correction(p_correction_id);
    IF NOT EXISTS (SELECT FROM public.etl_execution_history h WHERE h.execution_id = v_id) THEN
        IF r_correction.status IN ('running', 'paused') THEN
            PERFORM etl._claim_target(r_correction.target, v_id);
        END IF;
        IF r_correction.status = 'rolled_back' OR r_correction.dry_run
           OR r_correction.records_changed = 0 OR r_correction.backup_table IS NULL THEN
            RAISE EXCEPTION 'correction % cannot be rolled back', p_correction_id
                USING ERRCODE = 'ME005',
                      DETAIL = CASE
                          WHEN r_correction.status = 'rolled_back'
                          THEN 'It has been rolled back already.'
                          WHEN r_correction.dry_run THEN 'It was a dry run.'
                          WHEN r_correction.records_changed = 0 THEN 'It changed nothing.'
                          ELSE 'It has no backup: it ran with create_backup => false, '
                               'or the backup was purged.' END,
                      HINT = 'Corrections that can be: SELECT * FROM etl.list_backups();';
        END IF;
    END IF;
    r_target := etl._require_target(r_correction.target, false);
    PERFORM etl._require_preflight(r_target);
    v_backup := etl._require_backup(p_correction_id);

    IF etl._start_operation(v_id, 'rollback', r_correction.target, p_correction_id, p_options,
                            p_reason) THEN
        UPDATE public.etl_execution_history
           SET records_total = CASE WHEN jsonb_typeof(p_options -> 'target_symbols') = 'null'
                                     AND jsonb_typeof(p_options -> 'batch_numbers') = 'null'
                                    THEN r_correction.records_changed END,
               quality_before = CASE WHEN r_correction.quality_after IS NOT NULL THEN (
                   SELECT a.data_quality_score FROM etl.analysis a
                    WHERE a.target = r_correction.target ORDER BY a.analyzed_at DESC LIMIT 1) END,
               backup_table = r_correction.backup_table,
               result = jsonb_build_object('backup_file', pg_relation_filenode(v_backup),
                                            'rows_saved', etl._rows_saved(p_correction_id))
         WHERE execution_id = v_id;
        PERFORM etl._require_before_images(r_correction, v_backup);
        IF (SELECT c.reltuples FROM pg_class c WHERE c.oid = v_backup) < 0 THEN
            EXECUTE format('ANALYZE %s', v_backup);
        END IF;
        PERFORM etl._record_superseded(h, r_target, v_backup)
           FROM public.etl_execution_history h WHERE h.execution_id = v_id;
        PERFORM CASE WHEN p_options ->> 'on_conflict' = 'abort' THEN etl._plan_check(h)
                     ELSE etl._plan_restore(h) END
           FROM public.etl_execution_history h WHERE h.execution_id = v_id;
    END IF;
    RETURN v_id;
END
$_start_rollback$;
COMMENT ON FUNCTION etl._start_rollback IS
    'Internal: begins a rollback.';
