CREATE OR REPLACE FUNCTION etl._plan_restore(p_history public.etl_execution_history) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_plan_restore$
-- Plans the pass of a rollback that restores, unless the check before it found conflicts (ME006).
DECLARE
    v_conflicts   bigint;
    v_restriction text;
BEGIN
    SELECT coalesce(sum(k.counts[1]), 0)::bigint INTO v_conflicts
      FROM etl.operation_chunk k
     WHERE k.execution_id = p_history.execution_id AND k.pass = 0;
    IF v_conflicts > 0 THEN
        -- The same rows again, not all of the correction.
        SELECT string_agg(format(', %I => %L', o.key, ARRAY(
                   SELECT jsonb_array_elements_text(o.value))), '' ORDER BY o.key)
          INTO v_restriction
          FROM jsonb_each(p_history.parameters) o
         WHERE o.key IN ('target_symbols', 'batch_numbers') AND jsonb_typeof(o.value) = 'array';
        PERFORM etl._request_stop(
            p_history.execution_id, 'ME006',
            format('%s rows were changed since the correction; nothing was restored', v_conflicts),
            NULL,
            format('Decide about them: CALL etl.rollback_correction(%L%s, '
                   'on_conflict => ''keep''), or ''force''; or put them right.',
                   p_history.subject_execution_id, v_restriction));
        RETURN;
    END IF;
    PERFORM etl._plan_blocks(p_history.execution_id, 1::smallint,
                             etl._require_backup(p_history.subject_execution_id), true);
    PERFORM etl._enter_phase(p_history.execution_id, 'restoring', 1::smallint,
                             CASE p_history.phase WHEN 'checking' THEN 40 ELSE 0 END, 95);
END
$_plan_restore$;
COMMENT ON FUNCTION etl._plan_restore IS
    'Internal: plans the pass of a rollback that restores.';
