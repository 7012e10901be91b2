CREATE OR REPLACE FUNCTION etl.analyze_asset_classes(target text DEFAULT 'market_data')
RETURNS TABLE (
    analysis_id           uuid,
    analyzed_at           timestamptz,
    total_records         bigint,
    null_records          bigint,
    empty_records         bigint,
    unknown_class_records bigint,
    mismatched_records    bigint,
    orphaned_records      bigint,
    ambiguous_records     bigint,
    unmappable_records    bigint,
    correctable_records   bigint,
    completeness_score    numeric,
    integrity_score       numeric,
    consistency_score     numeric,
    data_quality_score    numeric,
    symbols_referenced    bigint,
    symbols_without_bars  bigint,
    orphaned_symbols      bigint,
    worst_symbols         jsonb,
    recommendations       text[],
    estimated_batches     bigint,
    estimated_duration    interval,
    duration              interval
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $analyze_asset_classes$
-- Measures a target in one pass over its fact table: the pass counts (symbol, value) pairs, all
-- else is computed from the pairs.
-- Tables: reads the fact table and the dimension, writes etl.analysis (not on a standby).
-- Raises ME004.
-- SECURITY DEFINER: readers have no rights on the tables.
-- Every name in the statement is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_began    timestamptz := clock_timestamp();
    r_target   etl.correction_target := etl._require_target(analyze_asset_classes.target);
    r_analysis etl.analysis;
    v_counts   bigint[];
    v_symbols  bigint;
    v_orphans  bigint;
    v_unused   bigint;
    v_worst    jsonb;
BEGIN
    -- INTO a scalar row from EXECUTE lets the scan run in parallel workers; a loop would not.
    EXECUTE format($query$
        WITH map AS MATERIALIZED (%1$s),
        pair AS MATERIALIZED (
            SELECT m.%2$I::text AS match_value, m.%3$I::text AS value, count(*) AS records
              FROM %4$s m
             GROUP BY m.%2$I, m.%3$I
        ),
        symbol AS (
            SELECT p.match_value, map.verdict, sum(p.records) AS records,
                   sum(p.records) FILTER (WHERE (p.value = ANY (map.known_values)) IS NOT TRUE)
                       AS needing_correction
              FROM pair p LEFT JOIN map USING (match_value)
             GROUP BY p.match_value, map.verdict
        )
        SELECT (SELECT %5$s FROM pair p LEFT JOIN map USING (match_value)) AS counts,
               (SELECT count(*) FROM symbol) AS symbols_referenced,
               (SELECT count(*) FROM symbol s WHERE s.verdict IS NULL) AS orphaned_symbols,
               (SELECT count(DISTINCT d.%6$I)
                  FROM %7$s d
                 WHERE %8$s
                   AND NOT EXISTS (SELECT FROM symbol s WHERE s.match_value = d.%6$I::text))
                   AS symbols_without_bars,
               (SELECT jsonb_agg(jsonb_build_object(
                           'symbol', w.match_value, 'records', w.records,
                           'needing_correction', w.needing_correction,
                           'reason', CASE coalesce(w.verdict, 'orphaned')
                               WHEN 'orphaned' THEN 'no such symbol'
                               WHEN 'ambiguous' THEN 'its listings disagree'
                               WHEN 'unmappable' THEN 'its symbol has no valid class'
                               ELSE 'can be corrected' END)
                           ORDER BY w.needing_correction DESC, w.match_value)
                  FROM (SELECT * FROM symbol
                         WHERE needing_correction > 0
                         ORDER BY needing_correction DESC, match_value LIMIT 10) w) AS worst_symbols
        $query$,
        etl._mapping_query(r_target), r_target.match_column, r_target.value_column,
        r_target.fact_table, etl._count_expression(r_target, '{"overwrite_existing_values": true}'),
        r_target.dimension_match_column, r_target.dimension_table,
        CASE WHEN r_target.dimension_active_column IS NULL THEN 'true'
             ELSE format('d.%I', r_target.dimension_active_column) END)
    INTO v_counts, v_symbols, v_orphans, v_unused, v_worst USING NULL::text[];

    r_analysis := etl._store_analysis(r_target.target, NULL, v_counts, clock_timestamp() - v_began);
    IF NOT current_setting('transaction_read_only')::boolean THEN
        UPDATE etl.analysis a
           SET orphaned_symbols = v_orphans, symbols_without_bars = v_unused
         WHERE a.analysis_id = r_analysis.analysis_id;
    END IF;
    RETURN QUERY
    SELECT r_analysis.analysis_id, r_analysis.analyzed_at, r_analysis.total_records,
           r_analysis.null_records, r_analysis.empty_records, r_analysis.unknown_class_records,
           r_analysis.mismatched_records, r_analysis.orphaned_records, r_analysis.ambiguous_records,
           r_analysis.unmappable_records, r_analysis.correctable_records,
           r_analysis.completeness_score, r_analysis.integrity_score,
           r_analysis.consistency_score, r_analysis.data_quality_score,
           v_symbols, v_unused, v_orphans,
           coalesce(v_worst, '[]'),
           etl._recommendations(r_target, r_analysis, etl._named_counts(v_counts)),
           (r_analysis.correctable_records + 999) / 1000,
           etl._estimate_duration(r_target.target, r_analysis.correctable_records,
                                  r_analysis.total_records),
           clock_timestamp() - v_began;
END
$analyze_asset_classes$;
COMMENT ON FUNCTION etl.analyze_asset_classes IS $comment$
Counts and scores in one pass over a target what is wrong with it.
It returns counts of records, scores in percent, the worst symbols, recommendations, and the effort
of a correction (batches of 1000 rows, duration of one session). correctable_records counts every
row that differs from the one valid class of its symbol; the recommendations tell which options
reach them. The measurement is stored in etl.analysis.

As in etl.correct_asset_classes: target.
Returns one row.
Raises ME004.
$comment$;
