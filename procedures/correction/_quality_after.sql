CREATE OR REPLACE FUNCTION etl._quality_after(
    p_history public.etl_execution_history,
    p_backup  regclass
) RETURNS numeric
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_quality_after$
-- Data quality score after a correction. Measured where its last sweep read the table; a dry run
-- forecasts it; otherwise the newest measurement is carried on by the rows changed since, as the
-- backup tells them.
-- p_backup: the backup table, or NULL.
-- Tables: writes etl.analysis.
DECLARE
    v_pass     smallint;
    r_analysis etl.analysis;
BEGIN
    IF p_history.operation = 'correction' AND p_history.phase = 'sweeping'
       AND p_history.result ->> 'strategy' = 'blocks' THEN
        v_pass := (SELECT c.pass FROM etl.operation_control c
                    WHERE c.execution_id = p_history.execution_id);
        r_analysis := etl._store_analysis(p_history.target, p_history.execution_id,
                                          etl._pass_counts(p_history.execution_id, v_pass),
                                          interval '0');
        RETURN r_analysis.data_quality_score;
    ELSIF p_history.dry_run THEN
        SELECT a.* INTO r_analysis
          FROM etl.analysis a WHERE a.target = p_history.target
         ORDER BY a.analyzed_at DESC LIMIT 1;
        RETURN least(100, p_history.quality_before
                          + round(p_history.records_changed * 100.0
                                  / greatest(r_analysis.total_records, 1), 2));
    END IF;
    v_pass := coalesce((p_history.result ->> 'measured_pass')::smallint, 0::smallint);
    r_analysis := etl._carry_analysis(p_history, 1, p_backup, format('b.batch_number IN (
        SELECT o.batch_number FROM etl.operation_batch o WHERE o.execution_id = $1 '
        'AND o.pass > %s)', v_pass));
    RETURN r_analysis.data_quality_score;
END
$_quality_after$;
COMMENT ON FUNCTION etl._quality_after IS
    'Internal: data quality score after a correction.';
