CREATE OR REPLACE FUNCTION etl._records_to_expect(p_target etl.correction_target, p_options jsonb)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_records_to_expect$
-- Rows that a correction will probably change: from the newest measurement, or, where there is none
-- or it is about some symbols only, from the planner. Never reads the fact table.
-- Every name in the statement is quoted by format.
-- @plpgsql_check_options: security_warnings = off, performance_warnings = off
DECLARE
    v_records bigint;
    v_plan    jsonb;
BEGIN
    IF jsonb_typeof(p_options -> 'target_symbols') IS DISTINCT FROM 'array' THEN
        SELECT CASE WHEN (p_options ->> 'overwrite_existing_values')::boolean
                    THEN a.correctable_records
                    ELSE least(a.correctable_records,
                               a.null_records + a.empty_records
                               + CASE WHEN (p_options ->> 'only_process_null_asset_class')::boolean
                                      THEN 0
                                      ELSE a.unknown_class_records END) END
          INTO v_records
          FROM etl.analysis a
         WHERE a.target = p_target.target
         ORDER BY a.analyzed_at DESC
         LIMIT 1;
    END IF;
    IF v_records IS NULL THEN
        EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM %s m WHERE %s%s', p_target.fact_table,
            CASE WHEN (p_options ->> 'only_process_null_asset_class')::boolean
                 THEN format('(m.%1$I IS NULL OR m.%1$I::text = '''')', p_target.value_column)
                 ELSE 'true' END,
            CASE WHEN jsonb_typeof(p_options -> 'target_symbols') = 'array'
                 THEN format(' AND m.%I = ANY (%L::%s[])', p_target.match_column,
                             ARRAY(SELECT jsonb_array_elements_text(p_options -> 'target_symbols')),
                             etl._base_type(p_target.fact_table, p_target.match_column))
                 ELSE '' END)
           INTO v_plan;
        v_records := (v_plan -> 0 -> 'Plan' -> 'Plan Rows')::bigint;
    END IF;
    RETURN least(v_records, (p_options ->> 'max_records_to_process')::bigint);
END
$_records_to_expect$;
COMMENT ON FUNCTION etl._records_to_expect IS
    'Internal: rows that a correction will probably change.';
