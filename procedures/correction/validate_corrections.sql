CREATE OR REPLACE FUNCTION etl.validate_corrections(
    correction_id uuid DEFAULT NULL,
    target        text DEFAULT 'market_data'
) RETURNS TABLE (check_name text, passed boolean, expected text, actual text, detail text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $validate_corrections$
-- Checks a correction against the data: the figures of its history, every row of its backup against
-- the fact table, and the scores against the thresholds.
-- correction_id: NULL for the newest of the target that was not a dry run.
-- Tables: reads the fact table twice at most; writes etl.analysis.
-- Raises ME002, ME004, ME007.
-- SECURITY DEFINER: readers have no rights on the tables.
-- Every name in the statement is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_id       uuid := coalesce(validate_corrections.correction_id, (
                   SELECT h.execution_id FROM public.etl_execution_history h
                    WHERE h.operation = 'correction' AND h.target = validate_corrections.target
                      AND NOT h.dry_run
                    ORDER BY h.started_at DESC LIMIT 1));
    v_status   text;
    v_backup   regclass;
    v_batches  bigint;
    r_history  public.etl_execution_history;
    r_target   etl.correction_target;
    v_saved     bigint;
    v_gone      bigint;
    v_differing bigint;
    r_analysis record;
BEGIN
    IF validate_corrections.correction_id IS NULL AND v_id IS NULL THEN
        r_target := etl._require_target(validate_corrections.target);
    ELSE
        r_history := etl._require_correction(v_id);
        r_target := etl._require_target(r_history.target);
        v_status := etl._effective_status(v_id, r_history.status);
        RETURN QUERY SELECT 'ended',
            v_status NOT IN ('running', 'paused', 'interrupted', 'failed', 'cancelled',
                             'timed_out'),
            'completed or rolled back', v_status,
            format('correction %s of %s', v_id, r_history.started_at::timestamptz(0));

        SELECT coalesce(sum(b.changed), 0)::bigint INTO v_batches
          FROM etl.operation_batch b
          JOIN public.etl_execution_history h ON h.execution_id = b.execution_id
         WHERE v_id IN (h.execution_id, h.subject_execution_id)
           AND h.operation IN ('correction', 'retry');
        IF NOT r_history.result ? 'batches_purged_at' THEN
            RETURN QUERY SELECT 'batches add up', v_batches = r_history.records_changed,
                r_history.records_changed::text, v_batches::text,
                'rows changed, by the history and by its batches';
        END IF;

        IF r_history.backup_table IS NOT NULL THEN
            v_backup := etl._require_backup(v_id);
            EXECUTE format($query$
                SELECT count(*) AS saved,
                       count(*) FILTER (WHERE m.is_there IS NULL) AS gone,
                       count(*) FILTER (
                           WHERE m.is_there AND m.value IS DISTINCT FROM b.new_value) AS differing
                  FROM ONLY %1$s b
                  LEFT JOIN (SELECT %2$s, m.%3$I AS value, true AS is_there FROM %4$s m) m ON %5$s
                $query$, v_backup, etl._columns_clause(r_target.key_columns, 'm'),
                r_target.value_column, r_target.fact_table, etl._same_key_condition(r_target))
            INTO v_saved, v_gone, v_differing;
            RETURN QUERY VALUES
                ('every change has a before-image', v_saved = r_history.records_changed,
                 r_history.records_changed::text, v_saved::text, format('rows of %s', v_backup)),
                ('corrected rows hold their new value',
                 v_status IN ('rolled_back', 'partially_rolled_back') OR v_differing = 0,
                 '0', v_differing::text,
                 CASE WHEN v_status IN ('rolled_back', 'partially_rolled_back')
                      THEN 'rows that differ: it was rolled back'
                      ELSE 'rows that differ: changed by others since' END),
                ('corrected rows still exist', v_gone = 0, '0', v_gone::text, 'rows deleted since');
        END IF;
        RETURN QUERY SELECT 'no failed records', count(*) = 0, '0', count(*)::text,
               'open rows in etl.failed_record'
          FROM etl.failed_record f WHERE f.execution_id = v_id AND f.resolved_at IS NULL;
    END IF;

    SELECT a.* INTO r_analysis FROM etl.analyze_asset_classes(r_target.target) a;
    RETURN QUERY SELECT 'no blank record is left that could be mapped',
        r_history.status IN ('rolled_back', 'partially_rolled_back') OR NOT EXISTS (
            SELECT FROM unnest(r_analysis.recommendations) AS r (advice)
             WHERE r.advice LIKE '%are blank and can be corrected%'),
        'none', coalesce((SELECT split_part(r.advice, ' ', 1)
                            FROM unnest(r_analysis.recommendations) AS r (advice)
                           WHERE r.advice LIKE '%are blank and can be corrected%'), 'none'),
        format('of %s records', r_analysis.total_records);
    RETURN QUERY SELECT t.threshold, etl._meets_threshold(t.threshold, s.score),
        format('%s %s', t.comparison, t.limit_value), s.score::text, t.description
      FROM (VALUES ('completeness_score', r_analysis.completeness_score),
                   ('integrity_score', r_analysis.integrity_score),
                   ('data_quality_score', r_analysis.data_quality_score)) AS s (name, score)
      JOIN etl.threshold t ON t.threshold = s.name;
END
$validate_corrections$;
COMMENT ON FUNCTION etl.validate_corrections IS $comment$
Proves a correction against the data.
Reads the whole fact table.

Parameters:
  correction_id: Id of the correction. NULL means the newest of the target.
As in etl.correct_asset_classes: target.
Returns one row per check: whether it passed, what was expected and what was found.
Raises ME002, ME004, ME007.
$comment$;
