CREATE OR REPLACE FUNCTION etl.correction_metrics()
RETURNS TABLE (metric text, kind text, labels jsonb, value double precision, help text)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $correction_metrics$
-- Metrics as Prometheus knows them, all from the database, so they survive restarts. Counters count
-- what the history holds; dry runs are not counted.
-- SECURITY DEFINER: to find dead workers.
WITH operation AS (
    SELECT h.*, jsonb_build_object('target', h.target, 'operation', h.operation) AS labels
      FROM public.etl_execution_history h
     WHERE NOT h.dry_run AND h.target IN (SELECT t.target FROM etl.correction_target t)
), series AS (
    SELECT jsonb_build_object('target', t.target, 'operation', o.operation) AS labels
      FROM etl.correction_target t
     CROSS JOIN (VALUES ('correction'), ('rollback')) AS o (operation)
    UNION
    SELECT o.labels FROM operation o
), measured AS (
    SELECT DISTINCT ON (a.target) a.*, jsonb_build_object('target', a.target) AS labels
      FROM etl.analysis a
     WHERE a.target IN (SELECT t.target FROM etl.correction_target t)
     ORDER BY a.target, a.analyzed_at DESC
), failed_before AS (
    SELECT l.execution_id, count(*) AS failures
      FROM etl.audit_log l
     WHERE l.action = 'resume' AND l.before ->> 'status' IN ('failed', 'timed_out')
     GROUP BY l.execution_id
), finished AS (
    SELECT o.labels, extract(epoch FROM o.finished_at - o.started_at) AS seconds
      FROM operation o
     WHERE o.status IN ('completed', 'completed_with_errors', 'rolled_back',
                        'partially_rolled_back')
), duration AS (
    SELECT s.labels || jsonb_build_object('part', 'bucket', 'le', b.label) AS labels,
           count(f.seconds) FILTER (WHERE f.seconds <= b.bound) AS value
      FROM series s
     CROSS JOIN (VALUES (1, '1.0'), (5, '5.0'), (15, '15.0'), (60, '60.0'), (300, '300.0'),
                        (900, '900.0'), (1800, '1800.0'), (3600, '3600.0'), (7200, '7200.0'),
                        ('Infinity'::numeric, '+Inf')) AS b (bound, label)
      LEFT JOIN finished f ON f.labels = s.labels
     GROUP BY s.labels, b.label
    UNION ALL
    SELECT s.labels || jsonb_build_object('part', p.part),
           CASE p.part WHEN 'sum' THEN coalesce(sum(f.seconds), 0) ELSE count(f.seconds) END
      FROM series s
     CROSS JOIN (VALUES ('sum'), ('count')) AS p (part)
      LEFT JOIN finished f ON f.labels = s.labels
     GROUP BY s.labels, p.part
), metric AS (
    SELECT 'assetclass_operations_started_total' AS metric, 'counter' AS kind, s.labels,
           count(o.execution_id) AS value, 'Operations started.' AS help
      FROM series s LEFT JOIN operation o USING (labels) GROUP BY s.labels
    UNION ALL
    SELECT 'assetclass_operations_completed_total', 'counter', s.labels,
           count(*) FILTER (WHERE o.status IN ('completed', 'completed_with_errors', 'rolled_back',
                                               'partially_rolled_back')),
           'Operations completed, later rolled back or not.'
      FROM series s LEFT JOIN operation o USING (labels) GROUP BY s.labels
    UNION ALL
    SELECT 'assetclass_operations_failed_total', 'counter', s.labels,
           count(*) FILTER (WHERE o.status IN ('failed', 'timed_out'))
           + coalesce(sum(f.failures), 0), 'Operations failed or timed out, later resumed or not.'
      FROM series s
      LEFT JOIN operation o USING (labels)
      LEFT JOIN failed_before f ON f.execution_id = o.execution_id
     GROUP BY s.labels
    UNION ALL
    SELECT 'assetclass_records_corrected_total', 'counter', jsonb_build_object('target', t.target),
           coalesce(sum(o.records_changed) FILTER (WHERE o.operation = 'correction'), 0),
           'Records corrected.'
      FROM etl.correction_target t LEFT JOIN operation o USING (target) GROUP BY t.target
    UNION ALL
    SELECT 'assetclass_records_failed_total', 'counter', jsonb_build_object('target', t.target),
           coalesce(sum(o.records_failed) FILTER (WHERE o.operation = 'correction'), 0),
           'Records that were refused and became failed records.'
      FROM etl.correction_target t LEFT JOIN operation o USING (target) GROUP BY t.target
    UNION ALL
    SELECT 'assetclass_operation_in_progress', 'gauge', s.labels,
           count(*) FILTER (WHERE etl._effective_status(o.execution_id, o.status) = 'running'),
           'Operations at work now.'
      FROM series s
      LEFT JOIN operation o ON o.labels = s.labels AND o.status = 'running'
     GROUP BY s.labels
    UNION ALL
    SELECT 'assetclass_operation_duration_seconds', 'histogram', d.labels, d.value,
           'Duration of completed operations, in seconds.'
      FROM duration d
    UNION ALL
    SELECT g.metric, 'gauge', m.labels, g.value, g.help
      FROM measured m
     CROSS JOIN LATERAL (VALUES
        ('assetclass_data_quality_score', m.data_quality_score,
         'Percent of records that are complete, have a symbol and agree with it.'),
        ('assetclass_completeness_score', m.completeness_score,
         'Percent of records with a known class.'),
        ('assetclass_integrity_score', m.integrity_score,
         'Percent of records whose symbol exists.'),
        ('assetclass_consistency_score', m.consistency_score,
         'Percent of records that equal the class of their symbol.'),
        ('assetclass_total_records', m.total_records,
         'Records measured.'),
        ('assetclass_orphaned_records', m.orphaned_records,
         'Records without a symbol.'),
        ('assetclass_correctable_records', m.correctable_records,
         'Records that differ from the class of their symbol.'),
        ('assetclass_analysis_timestamp_seconds', extract(epoch FROM m.analyzed_at),
         'When the newest measurement was taken, Unix time.')
     ) AS g (metric, value, help)
)
SELECT m.metric, m.kind, m.labels, m.value::double precision, m.help
  FROM metric m
 ORDER BY m.metric, m.labels - 'le' - 'part', m.labels ->> 'part',
          CASE m.labels ->> 'le' WHEN '+Inf' THEN 'Infinity' ELSE (m.labels ->> 'le') END::numeric
$correction_metrics$;
COMMENT ON FUNCTION etl.correction_metrics IS $comment$
Returns the metrics of all targets in the form of Prometheus, one row per sample.
kind is counter, gauge or histogram. Rows of a histogram bear the labels part (bucket, sum, count)
and le (cumulative). Never reads a fact table.
$comment$;
