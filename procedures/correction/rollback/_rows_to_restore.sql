CREATE OR REPLACE FUNCTION etl._rows_to_restore(
    p_history public.etl_execution_history,
    p_batch   etl.batch_claim
) RETURNS tid[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_rows_to_restore$
-- Places of the rows of the backup that a batch of its blocks is about, in physical order.
-- Volatile: it must see what was written just before.
-- @plpgsql_check_options: performance_warnings = off
DECLARE
    r_target etl.correction_target;
    v_rows   tid[];
BEGIN
    SELECT t.* INTO r_target FROM etl.correction_target t WHERE t.target = p_history.target;
    EXECUTE format('SELECT array_agg(b.ctid ORDER BY b.ctid) FROM ONLY %s b '
                   'WHERE b.ctid >= $1 AND b.ctid < $2 AND %s',
                   p_batch.relation::regclass,
                   etl._to_restore_condition(p_history, r_target))
    INTO v_rows
    USING format('(%s,0)', p_batch.first_item)::tid, format('(%s,0)', p_batch.end_item)::tid;
    RETURN coalesce(v_rows, '{}');
END
$_rows_to_restore$;
COMMENT ON FUNCTION etl._rows_to_restore IS
    'Internal: places of the rows of the backup that a batch is about.';
