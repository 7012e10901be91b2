CREATE OR REPLACE FUNCTION etl._count_rows(
    p_history    public.etl_execution_history,
    p_batch      etl.batch_claim,
    p_duty_check text DEFAULT NULL
) RETURNS bigint[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_count_rows$
-- Measures the blocks of a batch. Volatile: it must see what was written just before.
-- p_duty_check: see etl._duty_cycle_expression().
-- Returns counts in the order of etl._counts().
-- Every name in the statement is quoted by format.
-- @plpgsql_check_options: security_warnings = off, performance_warnings = off
DECLARE
    r_target etl.correction_target;
    v_counts bigint[];
BEGIN
    SELECT t.* INTO r_target FROM etl.correction_target t WHERE t.target = p_history.target;
    IF NOT etl._is_part_of(p_batch.relation, r_target) THEN
        RETURN NULL;
    END IF;
    EXECUTE format($query$
        WITH pair AS MATERIALIZED (
            SELECT m.%1$I::text COLLATE "C" AS match_value, m.%2$I::text COLLATE "C" AS value,
                   count(*) AS records
              FROM ONLY %3$s m
             WHERE m.ctid >= $2 AND m.ctid < $3 AND %5$s
             GROUP BY m.%1$I::text COLLATE "C", m.%2$I::text COLLATE "C"
        )
        SELECT %4$s
          FROM pair p
          LEFT JOIN etl.correction_mapping map
            ON map.execution_id = $1 AND map.match_value = p.match_value
        $query$, r_target.match_column, r_target.value_column, p_batch.relation::regclass,
        etl._count_expression(r_target, p_history.parameters),
        etl._paced_condition('true', p_duty_check))
    INTO v_counts
    USING p_history.execution_id, format('(%s,0)', p_batch.first_item)::tid,
          format('(%s,0)', p_batch.end_item)::tid;
    RETURN v_counts;
END
$_count_rows$;
COMMENT ON FUNCTION etl._count_rows IS
    'Internal: measures the blocks of a batch.';
