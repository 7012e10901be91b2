CREATE OR REPLACE FUNCTION etl._start_retry(p_correction_id uuid, p_retry_id uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_start_retry$
-- Begins a retry of the failed records of a correction, or finds the one of that id.
-- Returns its id.
-- Raises ME001, ME002, ME005, ME007, ME008.
-- SECURITY DEFINER: operators have no rights on the tables.
DECLARE
    v_id         uuid := coalesce(p_retry_id, gen_random_uuid());
    r_correction public.etl_execution_history := etl._require_correction(p_correction_id);
    r_target     etl.correction_target;
BEGIN
    PERFORM etl._check_session((r_correction.parameters ->> 'timeout')::interval);
    IF r_correction.status IN ('rolled_back', 'partially_rolled_back') THEN
        RAISE EXCEPTION 'correction % has been rolled back', p_correction_id
            USING ERRCODE = 'ME005',
                  DETAIL = format('Its status is %s.', r_correction.status),
                  HINT = 'Start a new correction: CALL etl.correct_asset_classes();';
    END IF;
    r_target := etl._require_target(r_correction.target);
    PERFORM etl._require_preflight(r_target);
    IF etl._require_backup(p_correction_id) IS NULL
       AND (r_correction.parameters ->> 'create_backup')::boolean THEN
        RAISE EXCEPTION 'failed records of correction % cannot be retried', p_correction_id
            USING ERRCODE = 'ME007',
                  DETAIL = 'Its backup was purged, and with it what its symbols were believed '
                           'to be.',
                  HINT = 'Start a new correction: CALL etl.correct_asset_classes();';
    END IF;
    IF etl._start_operation(v_id, 'retry', r_correction.target, p_correction_id,
                            r_correction.parameters
                            || '{"max_records_to_process": null, "target_symbols": null}',
                            'retry of failed records') THEN
        PERFORM etl._collect_rows(h, r_target, 1::smallint)
           FROM public.etl_execution_history h WHERE h.execution_id = v_id;
        UPDATE public.etl_execution_history
           SET records_total = (SELECT count(*) FROM etl.failed_record f
                                 WHERE f.execution_id = p_correction_id AND f.resolved_at IS NULL),
               quality_before = r_correction.quality_after,
               backup_table = r_correction.backup_table
         WHERE execution_id = v_id;
        PERFORM etl._enter_phase(v_id, 'correcting', 1::smallint, 0, 99);
    END IF;
    RETURN v_id;
END
$_start_retry$;
COMMENT ON FUNCTION etl._start_retry IS
    'Internal: begins a retry of failed records.';
