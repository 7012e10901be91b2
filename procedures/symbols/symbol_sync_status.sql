CREATE OR REPLACE FUNCTION etl.symbol_sync_status(target text DEFAULT 'market_data')
RETURNS TABLE (
    status text, is_healthy boolean, last_sync_id uuid, last_sync_status text,
    last_sync_at timestamptz, last_added bigint, last_failed bigint, is_running boolean,
    total_symbols bigint, active_symbols bigint, unclassified_symbols bigint, needing_review bigint,
    queued_for_enrichment bigint, orphaned_tickers bigint, orphaned_bars bigint,
    symbols_without_bars bigint, measured_at timestamptz,
    last_cleanup_at timestamptz, open_findings bigint, issues text[]
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $symbol_sync_status$
-- Counts the symbols; what concerns bars comes from the last analysis or the last sync, whichever
-- is newer, never from the fact table.
-- Raises ME004.
-- SECURITY DEFINER: to find dead workers.
-- Every name in the statement is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    r_table    record;
    r_analysis etl.analysis;
    r_sync     public.etl_execution_history;
    r_done     public.etl_execution_history;
    r_cleanup  public.etl_execution_history;
    v_last     text;
    v_has_no_class text;
    v_is_newer boolean;
    v_review   bigint;
    v_open     bigint;
    v_issues   text[];
BEGIN
    SELECT t.* INTO r_table FROM etl._symbol_table() t;
    v_has_no_class := CASE WHEN r_table.columns ? 'asset_class'
        THEN format('upper(coalesce(btrim(s.%I::text), '''')) IN ('''', ''UNKNOWN'')',
                    r_table.columns ->> 'asset_class')
        WHEN r_table.columns ? 'asset_class_id'
        THEN format('s.%I IS NULL', r_table.columns ->> 'asset_class_id')
        ELSE 'false' END;
    EXECUTE format('SELECT count(*) AS total, count(*) FILTER (WHERE %s) AS active, '
                   'count(*) FILTER (WHERE %s) AS unclassified FROM %s s',
                   CASE WHEN r_table.columns ? 'is_active'
                        THEN format('coalesce(s.%I::text, ''true'') IN (''true'', ''t'', ''1'')',
                                    r_table.columns ->> 'is_active')
                        ELSE 'true' END,
                   v_has_no_class, r_table.relation)
       INTO total_symbols, active_symbols, unclassified_symbols;
    SELECT a.* INTO r_analysis
      FROM etl.analysis a
     WHERE a.target = symbol_sync_status.target AND a.orphaned_symbols IS NOT NULL
     ORDER BY a.analyzed_at DESC LIMIT 1;
    SELECT h.* INTO r_sync
      FROM public.etl_execution_history h
     WHERE h.operation = 'sync' AND h.parameters ->> 'target' = symbol_sync_status.target
     ORDER BY h.status IN ('running', 'paused') DESC, h.started_at DESC LIMIT 1;
    v_last := etl._effective_status(r_sync.execution_id, r_sync.status);
    SELECT h.* INTO r_done
      FROM public.etl_execution_history h
     WHERE h.operation = 'sync' AND h.parameters ->> 'target' = symbol_sync_status.target
       AND h.result ? 'orphans_left'
       AND h.status IN ('completed', 'completed_with_errors')
     ORDER BY h.finished_at DESC LIMIT 1;
    v_is_newer := coalesce(r_done.finished_at > r_analysis.analyzed_at,
                           r_done.finished_at IS NOT NULL);
    SELECT h.* INTO r_cleanup
      FROM public.etl_execution_history h
     WHERE h.operation = 'cleanup'
       AND h.status IN ('completed', 'completed_with_errors', 'rolled_back',
                        'partially_rolled_back')
     ORDER BY h.finished_at DESC LIMIT 1;
    SELECT count(*) INTO v_open
      FROM etl.symbol_finding f WHERE f.execution_id = r_cleanup.execution_id AND NOT f.is_fixed;
    -- A symbol that no rule was sure of is reviewed once it has a class.
    EXECUTE format($query$
        SELECT count(*)
          FROM etl.symbol_classification c
         CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$s, c.symbol_key) k
          JOIN %1$s s ON %2$s
         WHERE c.needs_review AND (c.asset_class <> 'UNKNOWN' OR %3$s)
           AND NOT EXISTS (SELECT FROM etl.symbol_classification n
                            WHERE n.symbol_key = c.symbol_key
                              AND n.classification_id > c.classification_id)
        $query$, r_table.relation, etl._same_row_condition(r_table.relation, 's', 'k'),
        v_has_no_class)
    INTO v_review;

    last_sync_id := r_sync.execution_id;
    last_sync_status := v_last;
    last_sync_at := coalesce(r_sync.finished_at, r_sync.heartbeat_at);
    last_added := (r_sync.result ->> 'added')::bigint;
    last_failed := r_sync.records_failed;
    is_running := coalesce(v_last = 'running', false);
    needing_review := v_review;
    queued_for_enrichment := (SELECT count(*) FROM etl.enrichment_queue q
                               WHERE q.status = 'queued');
    orphaned_tickers := CASE WHEN v_is_newer THEN (r_done.result ->> 'orphans_left')::bigint
                             ELSE r_analysis.orphaned_symbols END;
    orphaned_bars := CASE WHEN v_is_newer AND r_done.result ->> 'orphans_left' = '0' THEN 0
                          ELSE r_analysis.orphaned_records END;
    symbols_without_bars := r_analysis.symbols_without_bars;
    measured_at := CASE WHEN v_is_newer THEN r_done.finished_at ELSE r_analysis.analyzed_at END;
    last_cleanup_at := r_cleanup.finished_at;
    open_findings := CASE WHEN r_cleanup.execution_id IS NOT NULL THEN v_open END;
    v_issues := array_remove(ARRAY[
        CASE WHEN v_last IN ('failed', 'timed_out', 'interrupted', 'cancelled')
             THEN format('the last sync is %s: CALL etl.resume_operation(%L)',
                         v_last, r_sync.execution_id) END,
        CASE WHEN measured_at IS NULL
             THEN format('orphans were never counted: SELECT * FROM etl.analyze_asset_classes(%L)',
                         symbol_sync_status.target) END,
        CASE WHEN NOT etl._meets_threshold('analysis_age',
                                           extract(epoch FROM clock_timestamp() - measured_at))
             THEN format('orphans were last counted at %s: '
                         'SELECT * FROM etl.analyze_asset_classes(%L)',
                         measured_at, symbol_sync_status.target) END,
        CASE WHEN orphaned_tickers > 0
             THEN format('%s tickers have bars and no symbol: CALL etl.sync_symbols()',
                         orphaned_tickers) END,
        CASE WHEN last_failed > 0
             THEN format('%s symbols could not be stored: '
                         'SELECT * FROM etl.failed_record WHERE execution_id = %L',
                         last_failed, r_sync.execution_id) END,
        CASE WHEN unclassified_symbols > 0
             THEN format('%s symbols have no class: CALL etl.validate_cleanup_symbols()',
                         unclassified_symbols) END,
        CASE WHEN needing_review > 0
             THEN format('%s classifications need review: '
                         'SELECT * FROM etl.symbol_classification WHERE needs_review',
                         needing_review) END], NULL);
    issues := v_issues;
    is_healthy := v_issues = '{}';
    status := CASE WHEN measured_at IS NULL THEN 'unknown'
                   WHEN v_issues = '{}' THEN 'healthy'
                   WHEN v_last IN ('failed', 'timed_out') OR orphaned_tickers > 0 THEN 'unhealthy'
                   ELSE 'degraded' END;
    RETURN NEXT;
END
$symbol_sync_status$;
COMMENT ON FUNCTION etl.symbol_sync_status IS $comment$
Returns the state of the symbols and of their synchronization in one row.
It shows the last sync, totals, what has no class or needs review, the enrichment queue, orphans and
symbols without bars as they were last counted (measured_at), open findings of the last clean-up,
and status (healthy, degraded, unhealthy, unknown) with its issues, each with the next command.
Never reads the fact table.

As in etl.correct_asset_classes: target.
Raises ME004.
$comment$;
