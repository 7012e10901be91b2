CREATE OR REPLACE FUNCTION etl._finish_correction(
    p_history   public.etl_execution_history,
    p_remaining bigint
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_finish_correction$
-- Ends a correction or a retry with the proof: rows changed = rows in the backup = sum over
-- batches; then quality after, failed records, and status. A proof that fails ends it as failed
-- (ME007).
-- p_remaining: rows that could be mapped and are still not corrected.
-- Tables: writes etl_execution_history, etl.correction_backup, etl.analysis, etl.failed_record;
-- drops an empty backup table.
DECLARE
    v_correction_id  constant uuid := etl._correction_id(p_history);
    v_is_limited     constant boolean := coalesce(etl._records_left(p_history) = 0, false);
    v_batches_sum    bigint;
    v_saved          bigint;
    v_expected       bigint;
    v_skipped        bigint := CASE WHEN v_is_limited THEN 0 ELSE p_remaining END;
    v_backup         regclass;
    v_quality        numeric;
BEGIN
    SELECT h.* INTO p_history
      FROM public.etl_execution_history h
     WHERE h.execution_id = p_history.execution_id;
    v_expected := etl._rows_saved(v_correction_id);
    SELECT coalesce(sum(b.changed), 0)::bigint INTO v_batches_sum
      FROM public.etl_execution_history h
      JOIN etl.operation_batch b USING (execution_id)
     WHERE h.execution_id = v_correction_id
        OR h.subject_execution_id = v_correction_id AND h.operation = 'retry';

    v_backup := etl._require_backup(v_correction_id);
    IF v_backup IS NOT NULL THEN
        EXECUTE format('SELECT count(*) FROM %s', v_backup) INTO v_saved;
        UPDATE etl.correction_backup SET records = v_saved WHERE execution_id = v_correction_id;
    ELSIF (p_history.parameters ->> 'create_backup')::boolean AND NOT p_history.dry_run THEN
        v_saved := 0;
    END IF;
    IF v_batches_sum <> v_expected OR v_saved <> v_expected THEN
        PERFORM etl._request_stop(p_history.execution_id, 'ME007', format(
            'the proof failed: %s rows changed, %s in batches, %s in the backup',
            v_expected, v_batches_sum, v_saved));
        RETURN;
    END IF;
    IF p_history.operation = 'retry' THEN
        PERFORM etl._settle_retry(p_history);
    END IF;
    IF v_saved = 0 AND NOT etl._has_failures(v_correction_id) THEN
        PERFORM etl._drop_backup(v_correction_id);
        DELETE FROM etl.correction_backup b WHERE b.execution_id = v_correction_id;
        v_backup := NULL;
    END IF;

    v_quality := etl._quality_after(p_history, v_backup);
    UPDATE public.etl_execution_history h
       SET records_skipped = h.records_skipped + v_skipped,
           quality_after = v_quality,
           result = h.result || jsonb_build_object('remaining_records', p_remaining,
                                                   'limit_reached', v_is_limited)
     WHERE h.execution_id = p_history.execution_id
    RETURNING h.* INTO p_history;
    PERFORM etl._finish_operation(p_history.execution_id, CASE
        WHEN p_history.records_failed + v_skipped > 0 THEN 'completed_with_errors'
        ELSE 'completed' END);
    PERFORM etl._record_actual(p_history.execution_id);
END
$_finish_correction$;
COMMENT ON FUNCTION etl._finish_correction IS
    'Internal: proof, quality after and status of a correction.';
