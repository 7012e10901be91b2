CREATE OR REPLACE FUNCTION etl._settle_retry(p_history public.etl_execution_history) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_settle_retry$
-- Ends a retry: takes off the failed records what is right now or gone, and brings the correction's
-- own figures and status up to date.
-- Tables: writes etl.failed_record, etl_execution_history.
-- Every name in the statement is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    r_target etl.correction_target := etl._require_target(p_history.target);
    v_open   bigint;
BEGIN
    EXECUTE format($statement$
        UPDATE etl.failed_record f
           SET resolved_at = clock_timestamp()
         WHERE f.execution_id = $1 AND f.resolved_at IS NULL
           AND NOT EXISTS (SELECT FROM %1$s m
                             JOIN etl.correction_mapping map
                               ON map.execution_id = $1 AND map.match_value = m.%2$I::text
                            WHERE %3$s AND %4$s)
        $statement$, r_target.fact_table, r_target.match_column,
        etl._key_condition(r_target, 'm', 'f.key'),
        etl._correction_condition(r_target, p_history.parameters,
                                  format('m.%I::text', r_target.value_column)))
    USING p_history.subject_execution_id;
    SELECT count(*) INTO v_open
      FROM etl.failed_record f
     WHERE f.execution_id = p_history.subject_execution_id AND f.resolved_at IS NULL;

    UPDATE public.etl_execution_history h
       SET records_changed = h.records_changed + r.records_changed,
           records_failed = v_open,
           records_processed = h.records_changed + r.records_changed + h.records_skipped + v_open,
           status = CASE WHEN h.status = 'completed_with_errors' AND v_open = 0
                              AND h.records_skipped = 0
                         THEN 'completed' ELSE h.status END
      FROM public.etl_execution_history r
     WHERE h.execution_id = p_history.subject_execution_id
       AND r.execution_id = p_history.execution_id;
END
$_settle_retry$;
COMMENT ON FUNCTION etl._settle_retry IS
    'Internal: ends a retry of failed records.';
