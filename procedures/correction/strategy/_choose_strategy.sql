CREATE OR REPLACE FUNCTION etl._choose_strategy(
    p_target  etl.correction_target,
    p_options jsonb,
    p_counts  bigint[] DEFAULT NULL,
    p_dead    bigint DEFAULT 0,
    OUT strategy        text,
    OUT reads_for_empty boolean,
    OUT reason          text,
    OUT advice          text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET constraint_exclusion = on
AS $_choose_strategy$
-- 'blocks': read the whole table in physical order. 'index': look the rows up, where an index finds
-- them for a fraction of the cost. The planner decides, from its statistics, indexes and
-- constraints: its cost for finding the rows is compared with its cost for reading the table.
-- p_counts: what a measurement has just met, in the order of etl._counts(). It counts for more than
-- statistics, which may be from before most rows were corrected: an index then leads to as many
-- pages as there are rows that are NULL.
-- p_dead: rows that were corrected and are in such an index until vacuum takes them out: whoever
-- uses it visits them too.
-- reads_for_empty: NULL is looked up, but to prove that no empty value is there the table has to be
-- read once; that is still the better way while there are next to none.
-- advice: what would save that.
-- Every name in the statement is quoted by format; volatile: it must see what was written just
-- before.
-- @plpgsql_check_options: security_warnings = off, performance_warnings = off
DECLARE
    v_cost_limit  constant numeric := 0.2;   -- of the cost of reading the table
    v_empty_limit constant numeric := 0.01;  -- of the rows
    v_page_cost   constant numeric := current_setting('random_page_cost')::numeric;
    v_nulls       bigint := etl._count_of(p_counts, 'null_records') + p_dead;
    v_empties     bigint := etl._count_of(p_counts, 'empty_records');
    v_symbols     text := '';
    v_conditions  constant text[] := etl._search_conditions(p_target, p_options);
    v_condition   text;
    v_plan        jsonb;
    v_costs       numeric[] := ARRAY[]::numeric[];
    v_estimates   bigint[] := ARRAY[]::bigint[];
    v_joint_cost  numeric;
    v_read_cost   numeric;
    v_rows        numeric;
    v_cost        numeric;
BEGIN
    IF jsonb_typeof(p_options -> 'target_symbols') = 'array' THEN
        v_symbols := format(' AND m.%I = ANY (%L::%s[])', p_target.match_column,
            ARRAY(SELECT jsonb_array_elements_text(p_options -> 'target_symbols')),
            etl._base_type(p_target.fact_table, p_target.match_column));
    END IF;
    EXECUTE format('EXPLAIN (FORMAT JSON) SELECT m.ctid FROM %s m', p_target.fact_table)
       INTO v_plan;
    v_read_cost := (v_plan -> 0 -> 'Plan' -> 'Total Cost')::numeric;
    v_rows := (v_plan -> 0 -> 'Plan' -> 'Plan Rows')::numeric;
    FOREACH v_condition IN
        ARRAY v_conditions || format('(%s)', array_to_string(v_conditions, ' OR '))
    LOOP
        EXECUTE format('EXPLAIN (FORMAT JSON) SELECT m.ctid FROM %s m WHERE %s%s',
                       p_target.fact_table, v_condition, v_symbols)
           INTO v_plan;
        v_costs := v_costs || (v_plan -> 0 -> 'Plan' -> 'Total Cost')::numeric;
        v_estimates := v_estimates || (v_plan -> 0 -> 'Plan' -> 'Plan Rows')::bigint;
    END LOOP;
    v_empties := coalesce(v_empties, v_estimates[cardinality(v_conditions)]);
    IF v_symbols <> ''
       OR v_nulls IS NOT NULL AND NOT etl._finds_by_index(p_target, p_options) THEN
        v_nulls := NULL;
    END IF;
    -- Where one index answers for all conditions, each search visits its rows, but their pages are
    -- read once.
    v_joint_cost := v_costs[cardinality(v_costs)];
    v_costs := trim_array(v_costs, 1);
    v_cost := least(v_joint_cost, (SELECT sum(c.cost) FROM unnest(v_costs) AS c (cost)));
    IF v_nulls IS NOT NULL THEN
        IF cardinality(v_costs) = 2 THEN
            v_costs[2] := greatest(v_empties * v_page_cost,
                                   CASE WHEN v_costs[2] < v_cost_limit * v_read_cost
                                        THEN least(v_costs[2], v_joint_cost - v_costs[1])
                                        ELSE v_costs[2] END);
        END IF;
        v_costs[1] := v_nulls * v_page_cost;
        v_cost := (SELECT sum(c.cost) FROM unnest(v_costs) AS c (cost));
    END IF;

    reads_for_empty := cardinality(v_costs) = 2
                       AND v_costs[1] < v_cost_limit * v_read_cost
                       AND v_costs[2] >= v_cost_limit * v_read_cost
                       AND v_empties <= v_empty_limit * v_rows;
    IF reads_for_empty THEN
        v_cost := v_costs[1];
        advice := format('The table is read once all the same, for empty values. '
                         'CREATE INDEX CONCURRENTLY ON %s (%I) '
                         'WHERE %I = '''' would save that; it stays as small as there are '
                         'such values.',
                         p_target.fact_table, p_target.match_column, p_target.value_column);
    END IF;
    strategy := CASE WHEN v_cost < v_cost_limit * v_read_cost THEN 'index' ELSE 'blocks' END;
    reason := format('finding the %srows costs %s%s, reading the table %s; '
                     'an index is used below %s %%',
                     CASE WHEN reads_for_empty THEN 'NULL ' ELSE '' END, round(v_cost),
                     CASE WHEN v_nulls IS NULL THEN ''
                          ELSE format(' for %s counted', v_nulls - p_dead)
                               || CASE WHEN p_dead > 0
                                       THEN format(' and %s that vacuum has not removed', p_dead)
                                       ELSE '' END END,
                     round(v_read_cost), round(v_cost_limit * 100));
END
$_choose_strategy$;
COMMENT ON FUNCTION etl._choose_strategy IS
    'Internal: whether a correction reads the table or uses an index, and why.';
