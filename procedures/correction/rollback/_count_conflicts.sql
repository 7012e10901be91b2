CREATE OR REPLACE FUNCTION etl._count_conflicts(
    p_history    public.etl_execution_history,
    p_batch      etl.batch_claim,
    p_duty_check text
) RETURNS bigint[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
AS $_count_conflicts$
-- Counts in a batch of the backup the rows that hold neither the value that the correction wrote
-- nor the old one.
-- p_duty_check: see etl._duty_cycle_expression().
-- Returns an array of one.
-- Each row is looked up by its key, whatever the statistics say: other joins may read the whole
-- table.
-- Every name in the statement is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    r_target    etl.correction_target;
    v_conflicts bigint;
BEGIN
    SELECT t.* INTO r_target FROM etl.correction_target t WHERE t.target = p_history.target;
    PERFORM etl._allow_joins(r_target);
    EXECUTE format('SELECT count(*) FROM ONLY %1$s b JOIN %2$s m ON %3$s '
                   'WHERE b.ctid = ANY ($1) AND %5$s AND m.%4$I IS DISTINCT FROM b.new_value '
                   'AND m.%4$I IS DISTINCT FROM b.%4$I',
                   p_batch.relation::regclass, r_target.fact_table,
                   etl._same_key_condition(r_target), r_target.value_column,
                   etl._paced_condition('b.batch_number IS NOT NULL', p_duty_check))
    INTO v_conflicts
    USING etl._rows_to_restore(p_history, p_batch);
    RETURN ARRAY[v_conflicts];
END
$_count_conflicts$;
COMMENT ON FUNCTION etl._count_conflicts IS
    'Internal: counts the conflicts in a batch of a rollback.';
