CREATE OR REPLACE FUNCTION etl._record_superseded(
    p_history public.etl_execution_history,
    p_target  etl.correction_target,
    p_backup  regclass
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_record_superseded$
-- Where an application took back what the correction had written, the row was corrected again and
-- has two before-images. The later one says what the row held: the earlier one is recorded as
-- unchanged, and the rollback passes it over. Only sweeps, passes over single rows and retries can
-- have made the later one, see etl._settled_age(), so nothing is looked for where they changed
-- nothing. Between two of them the clock decides; it may have been set back.
-- Tables: writes etl.rollback_exception, etl_execution_history.
-- Every name in the statement is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_later integer[];
    v_found bigint;
BEGIN
    v_later := ARRAY(SELECT b.batch_number
                       FROM etl.operation_batch b
                       JOIN public.etl_execution_history h USING (execution_id)
                      WHERE p_history.subject_execution_id
                            IN (h.execution_id, h.subject_execution_id)
                        AND b.changed > 0
                        AND (h.operation = 'retry' OR h.operation = 'correction'
                             AND (b.pass > 1 OR h.result ->> 'strategy' = 'index'
                                                AND NOT h.result ? 'measured_pass')));
    IF v_later = '{}' THEN
        RETURN;
    END IF;
    EXECUTE format($statement$
        INSERT INTO etl.rollback_exception (
            rollback_id, correction_id, backup_location, key, outcome, message)
        SELECT $1, $2, b.ctid, %1$s, 'unchanged', 'a later before-image tells what the row held'
          FROM ONLY %2$s b
         WHERE EXISTS (SELECT FROM ONLY %2$s m
                        WHERE m.batch_number = ANY ($3) AND %3$s
                          AND (m.changed_at > b.changed_at OR b.batch_number <> ALL ($3)))
           AND %4$s
        $statement$, etl._key_expression(p_target, 'b'), p_backup,
        etl._same_key_condition(p_target), etl._restore_scope_condition(p_history, p_target))
    USING p_history.execution_id, p_history.subject_execution_id, v_later;
    GET DIAGNOSTICS v_found = ROW_COUNT;
    UPDATE public.etl_execution_history h
       SET result = h.result || jsonb_build_object('superseded', v_found)
     WHERE h.execution_id = p_history.execution_id AND v_found > 0;
END
$_record_superseded$;
COMMENT ON FUNCTION etl._record_superseded IS
    'Internal: finds before-images of rows that have a later one.';
