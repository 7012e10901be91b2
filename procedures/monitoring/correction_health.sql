CREATE OR REPLACE FUNCTION etl.correction_health(target text DEFAULT 'market_data')
RETURNS TABLE (
    is_healthy boolean, status text, data_quality_score numeric, completeness_score numeric,
    integrity_score numeric, orphaned_percent numeric, needing_correction_percent numeric,
    success_rate numeric, error_rate numeric, operation_in_progress boolean,
    last_operation_status text, last_operation_at timestamptz, analysis_age interval, issues text[]
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $correction_health$
-- Compares what was last measured, and the operations of the last 30 days, with the thresholds.
-- Never reads the fact table.
-- SECURITY DEFINER: readers may not lock the rows of workers, which is how a dead one is told.
DECLARE
    r_analysis etl.analysis;
    r_recent   record;
    r_last     public.etl_execution_history;
    v_last     text;
    v_issues   text[];
    v_figures  jsonb;
BEGIN
    SELECT a.* INTO r_analysis
      FROM etl.analysis a WHERE a.target = correction_health.target
     ORDER BY a.analyzed_at DESC LIMIT 1;
    SELECT h.* INTO r_last
      FROM public.etl_execution_history h WHERE h.target = correction_health.target
     ORDER BY h.status IN ('running', 'paused') DESC, h.started_at DESC LIMIT 1;
    v_last := etl._effective_status(r_last.execution_id, r_last.status);
    SELECT etl._percent(count(*) FILTER (WHERE h.status NOT IN ('failed', 'timed_out')),
                        count(*)) AS success_rate,
           etl._percent(sum(h.records_failed), nullif(sum(h.records_processed), 0)) AS error_rate,
           max(extract(epoch FROM h.finished_at - h.started_at)) AS longest
      INTO r_recent
      FROM public.etl_execution_history h
     WHERE h.target = correction_health.target
       AND h.finished_at > clock_timestamp() - interval '30 days'
       AND h.status <> 'cancelled';

    v_figures := jsonb_build_object(
        'completeness_score', r_analysis.completeness_score,
        'integrity_score', r_analysis.integrity_score,
        'data_quality_score', r_analysis.data_quality_score,
        'orphaned_percent', 100 - r_analysis.integrity_score,
        'needing_correction_percent', etl._percent(r_analysis.correctable_records,
                                                   nullif(r_analysis.total_records, 0)),
        'success_rate', r_recent.success_rate,
        'error_rate', coalesce(r_recent.error_rate, 0),
        'operation_duration', r_recent.longest,
        'analysis_age', round(extract(epoch FROM clock_timestamp() - r_analysis.analyzed_at)));
    SELECT coalesce(array_agg(format('%s is %s, must be %s %s %s (%s)',
                                     t.threshold, v_figures ->> t.threshold, t.comparison,
                                     t.limit_value, t.unit, t.description)
                              ORDER BY t.threshold), '{}')
      INTO v_issues
      FROM etl.threshold t
     WHERE NOT etl._meets_threshold(t.threshold, (v_figures ->> t.threshold)::numeric);
    SELECT v_issues || coalesce(array_agg(format('threshold %s has no figure: is it misspelt?',
                                                 t.threshold) ORDER BY t.threshold), '{}')
      INTO v_issues
      FROM etl.threshold t
     WHERE NOT v_figures ? t.threshold;
    IF r_analysis.analysis_id IS NULL THEN
        v_issues := v_issues || ARRAY[format('target %s was never measured: '
                                             'SELECT * FROM etl.analyze_asset_classes(%L)',
                                             correction_health.target, correction_health.target)];
    END IF;
    IF v_last IN ('failed', 'timed_out', 'interrupted') THEN
        v_issues := v_issues || ARRAY[format('the last %s is %s: CALL etl.resume_operation(%L)',
                                             r_last.operation, v_last, r_last.execution_id)];
    END IF;

    RETURN QUERY SELECT
        v_issues = '{}',
        CASE WHEN r_analysis.analysis_id IS NULL THEN 'unknown'
             WHEN v_issues = '{}' THEN 'healthy'
             WHEN v_last IN ('failed', 'timed_out')
                  OR NOT etl._meets_threshold('data_quality_score', r_analysis.data_quality_score)
             THEN 'unhealthy' ELSE 'degraded' END,
        r_analysis.data_quality_score, r_analysis.completeness_score, r_analysis.integrity_score,
        (v_figures ->> 'orphaned_percent')::numeric,
        (v_figures ->> 'needing_correction_percent')::numeric,
        r_recent.success_rate, (v_figures ->> 'error_rate')::numeric,
        coalesce(v_last = 'running', false), v_last,
        coalesce(r_last.finished_at, r_last.heartbeat_at),
        date_trunc('second', clock_timestamp() - r_analysis.analyzed_at), v_issues;
END
$correction_health$;
COMMENT ON FUNCTION etl.correction_health IS $comment$
Returns the health of a target in one row: is_healthy, status and issues.
status is healthy, degraded, unhealthy or unknown. It follows from the newest measurement (with its
age), the operations of the last 30 days and the limits in etl.threshold. Never reads the fact
table.

As in etl.correct_asset_classes: target.
$comment$;
