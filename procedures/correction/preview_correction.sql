CREATE OR REPLACE FUNCTION etl.preview_correction(
    target                        text DEFAULT 'market_data',
    batch_size                    integer DEFAULT 1000,
    adaptive                      boolean DEFAULT true,
    target_batch_time             interval DEFAULT '500 ms',
    max_concurrency               integer DEFAULT 1,
    max_records_to_process        bigint DEFAULT NULL,
    target_symbols                text[] DEFAULT NULL,
    create_backup                 boolean DEFAULT true,
    only_process_null_asset_class boolean DEFAULT true,
    overwrite_existing_values     boolean DEFAULT false,
    sample_size                   integer DEFAULT 10,
    sample_run                    boolean DEFAULT false
) RETURNS TABLE (
    section text, item text, from_value text, to_value text, records bigint, detail text,
    mitigation text
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $preview_correction$
-- What a correction with these options would do. Reads the fact table once and changes nothing;
-- with sample_run a sample of it is changed, and changed back at once.
-- Raises ME003, ME004; with sample_run 42501, ME008.
-- SECURITY DEFINER: readers have no rights on the tables.
-- Every name in the statement is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_options  jsonb := (
        SELECT to_jsonb(o)
          FROM (SELECT batch_size, adaptive, target_batch_time, max_concurrency,
                       max_records_to_process, target_symbols, create_backup,
                       only_process_null_asset_class, overwrite_existing_values) AS o);
    v_changes  jsonb;
    v_counts   bigint[];
    v_total    bigint;
    v_matching bigint;
    v_to_do    bigint;
    v_refusal  text;
    v_forecast jsonb;
    r_target   etl.correction_target;
    r_strategy record;
BEGIN
    PERFORM etl._check_options(v_options);
    r_target := etl._require_target(preview_correction.target);
    EXECUTE format($query$
        WITH map AS MATERIALIZED (%1$s),
        pair AS MATERIALIZED (
            SELECT m.%2$I::text AS match_value, m.%3$I::text AS value, count(*) AS records
              FROM %4$s m GROUP BY m.%2$I, m.%3$I
        ),
        -- Joined as a whole: with conditions on map, it would be searched for every pair.
        mapped AS MATERIALIZED (
            SELECT p.match_value AS symbol, p.value, p.records, map.*
              FROM pair p LEFT JOIN map USING (match_value)
        ), change AS (
            SELECT map.value, map.new_value, sum(map.records) AS records,
                   count(DISTINCT map.symbol) AS symbols
              FROM mapped map
             WHERE %5$s
             GROUP BY map.value, map.new_value
        )
        SELECT (SELECT %6$s FROM pair p LEFT JOIN map USING (match_value)),
               (SELECT coalesce(jsonb_agg(c ORDER BY c.records DESC, c.value, c.new_value), '[]')
                  FROM change c)
        $query$, etl._mapping_query(r_target), r_target.match_column, r_target.value_column,
        r_target.fact_table, etl._correction_condition(r_target, v_options, 'map.value'),
        etl._count_expression(r_target, v_options))
    INTO v_counts, v_changes USING NULL::text[];
    v_total := etl._count_of(v_counts, 'total_records');
    v_matching := etl._count_of(v_counts, 'remaining');
    v_to_do := least(v_matching, max_records_to_process);
    SELECT s.* INTO r_strategy FROM etl._choose_strategy(r_target, v_options, v_counts) s;
    IF sample_run THEN
        v_refusal := etl._make_sample_run(r_target, v_options, r_strategy.strategy, v_to_do,
                                          v_total);
    END IF;
    v_forecast := etl._forecast(r_target, v_options, v_to_do, v_total);

    RETURN QUERY VALUES
        ('summary', 'records in the table', NULL::text, NULL::text, v_total,
         r_target.fact_table::text, NULL::text),
        ('summary', 'records to correct', NULL, NULL, v_to_do,
         CASE WHEN v_to_do < v_matching
              THEN format('of %s; max_records_to_process limits them', v_matching) END, NULL);
    RETURN QUERY
    SELECT 'change', format('%s symbols', c.symbols), coalesce(c.value, '(null)'), c.new_value,
           c.records,
           CASE WHEN c.value IS NULL THEN 'is NULL' WHEN c.value = '' THEN 'is empty' END,
           NULL::text
      FROM jsonb_to_recordset(v_changes)
           AS c (value text, new_value text, records bigint, symbols bigint);
    RETURN QUERY
    SELECT 'class', 'records that become', NULL::text, c.new_value, sum(c.records)::bigint,
           NULL::text, NULL::text
      FROM jsonb_to_recordset(v_changes) AS c (new_value text, records bigint)
     GROUP BY c.new_value ORDER BY 5 DESC, 4;
    IF sample_size > 0 THEN
        RETURN QUERY
        SELECT 'sample', r.symbol, r.old_value, r.new_value, 1::bigint, r.key::text, NULL::text
          FROM etl._sample_rows(r_target, v_options, sample_size) r;
    END IF;
    RETURN QUERY VALUES
        ('plan', 'strategy', NULL::text, NULL::text, NULL::bigint,
         format('%s: %s', r_strategy.strategy, r_strategy.reason), r_strategy.advice),
        ('plan', 'batches', NULL, NULL, (v_to_do + batch_size - 1) / batch_size,
         format('of %s records%s', batch_size,
                CASE WHEN adaptive
                     THEN format(' at first; fewer once they are sized for %s', target_batch_time)
                     ELSE '' END), NULL),
        ('plan', 'duration', NULL, NULL, NULL,
         format('about %s in %s session(s), from %s',
                make_interval(secs => (v_forecast -> 'duration_seconds')::double precision),
                max_concurrency, CASE v_forecast ->> 'basis'
                    WHEN 'sample_run' THEN 'a sample run of these options'
                    WHEN 'history' THEN 'the history of this target'
                    ELSE 'a usual machine: this target has no history yet' END), NULL);
    RETURN QUERY
    SELECT 'forecast', f.name, NULL::text, v_forecast ->> f.name, NULL::bigint,
           CASE WHEN f.name LIKE '%bytes' THEN pg_size_pretty((v_forecast ->> f.name)::bigint) END,
           NULL::text
      FROM unnest(ARRAY['basis', 'duration_seconds', 'wal_bytes', 'table_growth_bytes',
                        'index_growth_bytes', 'backup_bytes', 'hot_update_percent']) AS f (name);
    RETURN QUERY
    SELECT 'risk', f.risk || CASE WHEN f.is_blocking THEN ' (refuses the run)' ELSE '' END,
           NULL::text, NULL::text, NULL::bigint, f.detail, f.mitigation
      FROM etl._preflight(r_target) f
     ORDER BY f.is_blocking DESC, f.risk;
    IF v_refusal IS NOT NULL THEN
        RETURN QUERY VALUES (
            'risk', 'refused rows', NULL::text, NULL::text, NULL::bigint, v_refusal,
            'Cure the cause first, or see the rows in etl.failed_record afterwards.');
    END IF;
    IF NOT create_backup THEN
        RETURN QUERY VALUES (
            'risk', 'no backup', NULL::text, NULL::text, NULL::bigint,
            'create_backup is false: this correction could not be rolled back.',
            'Leave create_backup at true.');
    END IF;
END
$preview_correction$;
COMMENT ON FUNCTION etl.preview_correction IS $comment$
Shows what etl.correct_asset_classes() with these options would do, without doing it.

The rows come by section. summary: the number of records. change: how many records go from which
value to which. class: records per new class. sample: some of the records; item is the symbol,
detail the key. plan: the strategy with its reason, the number of batches, the estimated duration.
forecast: what it will cost, one figure a row in to_value; see etl_execution_history.forecast.
risk: the findings of the preflight, each with a mitigation.

The sample run needs etl_operator. It locks the rows for milliseconds, waits for no lock, fires
triggers and leaves the dead row versions of the sample to vacuum. What triggers do outside the
database is not taken back. The next correction with the same options records that forecast.

Parameters:
  sample_size: Number of records to show as examples.
  sample_run: Try the correction on at most 1 % of the rows, take that back at once, and forecast
    from what was measured.
As in etl.correct_asset_classes: target, batch_size, adaptive, target_batch_time, max_concurrency,
  max_records_to_process, target_symbols, create_backup, only_process_null_asset_class,
  overwrite_existing_values.
Raises ME003, ME004; with sample_run also 42501, ME008.
$comment$;
