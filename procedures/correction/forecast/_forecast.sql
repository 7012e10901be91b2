CREATE OR REPLACE FUNCTION etl._forecast(
    p_target  etl.correction_target,
    p_options jsonb,
    p_records bigint,
    p_total   bigint
) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_forecast$
-- What a correction with these options will cost, on the best basis there is: a sample run with the
-- same options since the target was last changed; the last correction of the target; the catalogs
-- alone.
-- p_records, p_total: rows to correct, and in the table, where there was no sample run.
-- A figure that the basis cannot tell is null.
DECLARE
    v_sessions constant numeric := 1 + 0.85 * ((p_options ->> 'max_concurrency')::numeric - 1);
    v_duty_cycle constant numeric := coalesce((p_options ->> 'max_duty_cycle')::numeric, 100) / 100;
    v_forecast jsonb;
    v_row      numeric;
    v_index    numeric;
    r_last     record;
BEGIN
    SELECT t.forecast || jsonb_build_object('basis', 'sample_run', 'sampled_at', t.sampled_at)
      INTO v_forecast
      FROM etl.sample_run t
     WHERE t.target = p_target.target AND t.options = etl._sample_run_options(p_options)
       AND NOT EXISTS (SELECT FROM public.etl_execution_history h
                        WHERE h.target = t.target AND h.records_changed > 0 AND NOT h.dry_run
                          AND h.heartbeat_at > t.sampled_at AND h.operation <> 'purge');
    IF v_forecast IS NULL THEN
        SELECT h.records_changed::numeric AS records, h.actual INTO r_last
          FROM public.etl_execution_history h
         WHERE h.target = p_target.target AND h.operation = 'correction'
           AND h.records_changed > 1000 AND h.actual IS NOT NULL
         ORDER BY h.started_at DESC
         LIMIT 1;
        SELECT sum(pg_relation_size(l.relation))
               / nullif(sum(c.reltuples) FILTER (WHERE c.reltuples > 0), 0)::numeric
          INTO v_row
          FROM etl._leaf_tables(p_target.fact_table) l JOIN pg_class c ON c.oid = l.relation;
        SELECT sum(l.growth_bytes) INTO v_index
          FROM etl._index_load(p_target, p_records) l WHERE l.predicate IS NULL;
        v_forecast := jsonb_build_object(
            'basis', CASE WHEN r_last.records IS NULL THEN 'statistics' ELSE 'history' END,
            'records', p_records,
            'duration_seconds', round(extract(epoch FROM etl._estimate_duration(
                p_target.target, p_records, p_total)), 3),
            'wal_bytes', round(
                p_records / r_last.records * (r_last.actual -> 'wal_bytes')::numeric),
            'table_growth_bytes', round(coalesce(
                p_records / r_last.records * (r_last.actual -> 'table_growth_bytes')::numeric,
                p_records * v_row)),
            'index_growth_bytes', round(coalesce(
                p_records / r_last.records * (r_last.actual -> 'index_growth_bytes')::numeric,
                v_index)),
            'backup_bytes', round(
                p_records / r_last.records * (r_last.actual ->> 'backup_bytes')::numeric),
            'hot_update_percent', r_last.actual -> 'hot_update_percent');
    END IF;
    RETURN v_forecast || jsonb_build_object(
        'duration_seconds', round(
            (v_forecast ->> 'duration_seconds')::numeric / v_sessions / v_duty_cycle, 3),
        'sessions', p_options -> 'max_concurrency');
END
$_forecast$;
COMMENT ON FUNCTION etl._forecast IS
    'Internal: what a correction with these options will cost.';
