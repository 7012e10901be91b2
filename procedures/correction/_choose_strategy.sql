CREATE OR REPLACE FUNCTION etl._choose_strategy(
    p_target  etl.correction_target,
    p_options jsonb,
    OUT strategy text,
    OUT reason   text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_choose_strategy$
-- 'blocks': read the whole table in physical order. 'index': look the rows up, where an index finds
-- them for a fraction of the cost. The planner decides, from its statistics and the indexes there are:
-- its cost for finding the rows is compared with its cost for reading the table.
-- Every name in the statement is quoted by format; volatile: it must see what was written just before.
-- @plpgsql_check_options: security_warnings = off, performance_warnings = off
DECLARE
    v_share_limit constant numeric := 0.2;
    v_plan        jsonb;
    v_search_cost numeric;
    v_read_cost   numeric;
    v_condition   text := 'true';
BEGIN
    IF (p_options ->> 'only_process_null_asset_class')::boolean THEN
        v_condition := format('(m.%1$I IS NULL OR m.%1$I::text = '''')', p_target.value_column);
    END IF;
    IF jsonb_typeof(p_options -> 'target_symbols') = 'array' THEN
        v_condition := v_condition || format(' AND m.%I = ANY (%L::%s[])', p_target.match_column,
            ARRAY(SELECT jsonb_array_elements_text(p_options -> 'target_symbols')),
            etl._base_type(p_target.fact_table, p_target.match_column));
    END IF;
    EXECUTE format('EXPLAIN (FORMAT JSON) SELECT m.ctid FROM %s m WHERE %s', p_target.fact_table, v_condition)
       INTO v_plan;
    v_search_cost := (v_plan -> 0 -> 'Plan' -> 'Total Cost')::numeric;
    EXECUTE format('EXPLAIN (FORMAT JSON) SELECT m.ctid FROM %s m', p_target.fact_table)
       INTO v_plan;
    v_read_cost := (v_plan -> 0 -> 'Plan' -> 'Total Cost')::numeric;

    strategy := CASE WHEN v_search_cost < v_share_limit * v_read_cost THEN 'index' ELSE 'blocks' END;
    reason := format('finding the rows costs %s, reading the table %s; an index is used below %s %%',
                     round(v_search_cost), round(v_read_cost), round(v_share_limit * 100));
END
$_choose_strategy$;
COMMENT ON FUNCTION etl._choose_strategy(etl.correction_target, jsonb) IS
    'Internal: whether a correction reads the table or uses an index, and why.';
