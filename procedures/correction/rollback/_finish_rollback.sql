CREATE OR REPLACE FUNCTION etl._finish_rollback(p_history public.etl_execution_history)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_finish_rollback$
-- Ends a rollback: outcomes, quality after, its own status and that of the correction.
-- Tables: writes etl_execution_history, etl.rollback_exception, etl.analysis.
DECLARE
    v_backup     regclass := etl._require_backup(p_history.subject_execution_id);
    v_outcomes   jsonb;
    v_failed     bigint;
    v_skipped    bigint;
    v_is_partial boolean;
    r_correction public.etl_execution_history;
    r_target     etl.correction_target;
    r_analysis   etl.analysis;
BEGIN
    SELECT t.* INTO r_target FROM etl.correction_target t WHERE t.target = p_history.target;
    SELECT h.* INTO r_correction
      FROM public.etl_execution_history h
     WHERE h.execution_id = p_history.subject_execution_id;
    UPDATE etl.rollback_exception
       SET outcome = 'kept', message = 'held by another session to the end'
     WHERE rollback_id = p_history.execution_id AND outcome = 'held';
    SELECT coalesce(jsonb_object_agg(o.outcome, o.count), '{}'),
           coalesce(sum(o.count) FILTER (WHERE o.outcome = 'failed'), 0)::bigint,
           coalesce(sum(o.count) FILTER (
               WHERE o.outcome IN ('kept', 'missing', 'unchanged')), 0)::bigint
      INTO v_outcomes, v_failed, v_skipped
      FROM (SELECT x.outcome, count(*) FROM etl.rollback_exception x
             WHERE x.rollback_id = p_history.execution_id GROUP BY x.outcome) o;

    IF NOT p_history.dry_run THEN
        IF etl._restriction_condition(p_history.parameters, r_target.match_column) = 'true' THEN
            -- It was about every row that no earlier one had restored: none needs to be looked for.
            v_is_partial := v_outcomes ?| '{kept,failed}';
        ELSE
            EXECUTE format(
                'SELECT EXISTS (SELECT FROM ONLY %s b WHERE %s)', v_backup,
                etl._restore_scope_condition(jsonb_populate_record(p_history, jsonb_build_object(
                    'execution_id', gen_random_uuid(),
                    'parameters', p_history.parameters
                                  || '{"target_symbols": null, "batch_numbers": null}')), r_target))
               INTO v_is_partial;
        END IF;
        UPDATE public.etl_execution_history
           SET status = CASE WHEN v_is_partial THEN 'partially_rolled_back' ELSE 'rolled_back' END,
               finished_at = coalesce(finished_at, clock_timestamp())
         WHERE execution_id = p_history.subject_execution_id AND status <> 'rolled_back';
        -- It ended by itself, and measured at its end. What forced rows held is not known.
        IF r_correction.quality_after IS NOT NULL AND NOT v_outcomes ? 'forced' THEN
            r_analysis := etl._carry_analysis(
                p_history, -1, v_backup,
                etl._restore_scope_condition(p_history, r_target, true)
                || CASE WHEN v_failed + v_skipped > 0 THEN
                   ' AND NOT EXISTS (SELECT FROM etl.rollback_exception x WHERE x.rollback_id = $1 '
                   'AND x.backup_location = b.ctid)' ELSE '' END);
        END IF;
    END IF;

    UPDATE public.etl_execution_history h
       SET records_skipped = v_skipped,
           records_failed = v_failed,
           quality_after = coalesce(
               r_analysis.data_quality_score,
               CASE WHEN NOT v_is_partial THEN r_correction.quality_before END),
           result = h.result || jsonb_build_object('outcomes', v_outcomes || jsonb_build_object(
               'restored',
               h.records_changed - coalesce((v_outcomes ->> 'forced')::bigint, 0)))
     WHERE h.execution_id = p_history.execution_id;
    PERFORM etl._finish_operation(p_history.execution_id, CASE
        WHEN v_failed > 0 OR v_outcomes ? 'kept' THEN 'completed_with_errors' ELSE 'completed' END);
END
$_finish_rollback$;
COMMENT ON FUNCTION etl._finish_rollback IS
    'Internal: outcomes and status of a rollback.';
