CREATE OR REPLACE FUNCTION etl._carry_analysis(
    p_history   public.etl_execution_history,
    p_direction integer,
    p_backup    regclass,
    p_condition text
) RETURNS etl.analysis
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_carry_analysis$
-- Computes the newest measurement of a target from an earlier one and the rows that an operation
-- has changed, without reading the table. The earlier one is from before the operation, or its own.
-- Exact but for what others wrote since, to the table or to its symbols.
-- p_direction: 1: old values became new ones; -1: the reverse.
-- p_condition: SQL condition on rows b of the backup, with the operation's id as $1.
-- Returns the row, all NULL where the target was never measured, or nothing is known of the rows.
-- Tables: writes etl.analysis.
-- Every name in the statement is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    r_target   etl.correction_target;
    r_analysis etl.analysis;
    v_counts   bigint[];
    v_changed  bigint;
BEGIN
    SELECT a.* INTO r_analysis
      FROM etl.analysis a
     WHERE a.target = p_history.target
       AND (a.execution_id = p_history.execution_id OR a.analyzed_at <= p_history.started_at)
     ORDER BY a.analyzed_at DESC LIMIT 1;
    IF NOT FOUND OR p_backup IS NULL AND p_history.records_changed > 0 THEN
        RETURN NULL;
    ELSIF p_backup IS NULL THEN
        RETURN r_analysis;
    END IF;
    SELECT t.* INTO r_target FROM etl.correction_target t WHERE t.target = p_history.target;
    EXECUTE format($query$
        SELECT %1$s
          FROM (SELECT b.%2$I::text AS value, b.new_value::text AS new_value, count(*) AS records
                  FROM %3$s b WHERE %4$s GROUP BY 1, 2) p
         CROSS JOIN LATERAL (SELECT '' AS match_value, p.new_value,
                                    ARRAY[p.new_value] AS known_values,
                                    'mapped' AS verdict) map
        $query$, etl._count_expression(r_target, '{"overwrite_existing_values": true}'),
        r_target.value_column, p_backup, p_condition)
    INTO v_counts USING p_history.execution_id;

    v_changed := etl._count_of(v_counts, 'total_records');
    SELECT (jsonb_populate_record(r_analysis, jsonb_object_agg(
               c.name, greatest(0, (to_jsonb(r_analysis) ->> c.name)::bigint
                                   - p_direction * etl._count_of(v_counts, c.name))))).*
      INTO r_analysis
      FROM etl._counts(r_target, '{}') c
     WHERE c.is_cured AND to_jsonb(r_analysis) ? c.name;
    r_analysis.correctable_records := greatest(0, r_analysis.correctable_records
                                                  - p_direction * v_changed);
    r_analysis.agreeing_records := least(r_analysis.total_records,
                                         greatest(0, r_analysis.agreeing_records
                                                     + p_direction * v_changed));
    r_analysis := etl._score_analysis(r_analysis);
    r_analysis.analysis_id := gen_random_uuid();
    r_analysis.execution_id := p_history.execution_id;
    r_analysis.analyzed_at := clock_timestamp();
    r_analysis.duration := interval '0';
    INSERT INTO etl.analysis SELECT r_analysis.*;
    RETURN r_analysis;
END
$_carry_analysis$;
COMMENT ON FUNCTION etl._carry_analysis IS
    'Internal: carries the newest measurement on by the rows that an operation changed.';
