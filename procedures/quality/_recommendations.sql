CREATE OR REPLACE FUNCTION etl._recommendations(
    p_target   etl.correction_target,
    p_analysis etl.analysis,
    p_counts   jsonb
) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_recommendations$
-- What to do about a measurement, in the order in which it is done; each names the command.
SELECT coalesce(array_agg(r.advice ORDER BY r.rank) FILTER (WHERE r.advice IS NOT NULL), '{}')
  FROM (SELECT CASE WHEN p_target.target <> 'market_data'
                    THEN format('target => %L', p_target.target) ELSE '' END,
               CASE WHEN p_target.target <> 'market_data' THEN ', ' ELSE '' END
       ) AS t (argument, separator)
 CROSS JOIN LATERAL (VALUES
    (1, CASE WHEN (p_counts -> 'correctable_blank')::bigint > 0 THEN
        format('%s records are blank and can be corrected: CALL etl.correct_asset_classes(%s);',
               p_counts -> 'correctable_blank', t.argument) END),
    (2, CASE WHEN (p_counts -> 'correctable_unknown')::bigint > 0 THEN
        format('%s records have an unknown class and can be corrected: '
               'CALL etl.correct_asset_classes(%sonly_process_null_asset_class => false);',
               p_counts -> 'correctable_unknown', t.argument || t.separator) END),
    (3, CASE WHEN p_analysis.mismatched_records > 0 THEN
        format('%s records differ from their symbol''s class: '
               'CALL etl.correct_asset_classes(%sonly_process_null_asset_class => false, '
               'overwrite_existing_values => true);',
               p_analysis.mismatched_records, t.argument || t.separator) END),
    (0, CASE WHEN p_analysis.orphaned_records > 0 THEN
        format('%s records have no symbol: %s', p_analysis.orphaned_records,
               CASE WHEN p_target.target = 'market_data' THEN 'CALL etl.sync_symbols();'
                    ELSE format('add the missing rows to %s.', p_target.dimension_table) END) END),
    (5, CASE WHEN p_analysis.ambiguous_records > 0 THEN
        format('%s records belong to symbols whose listings disagree: make the rows of %s agree.',
               p_analysis.ambiguous_records, p_target.dimension_table) END),
    (6, CASE WHEN p_analysis.unmappable_records > 0 THEN
        format('%s records belong to symbols without a valid class: fill in %I of %s.',
               p_analysis.unmappable_records, p_target.dimension_value_column,
               p_target.dimension_table) END)
  ) AS r (rank, advice)
$_recommendations$;
COMMENT ON FUNCTION etl._recommendations IS
    'Internal: what to do about a measurement.';
