CREATE OR REPLACE FUNCTION etl._rows_to_correct(
    p_history public.etl_execution_history,
    p_batch   etl.batch_claim
) RETURNS tid[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $_rows_to_correct$
-- Places of the rows to correct in the blocks of a batch, in physical order.
-- Volatile: it must see what was written just before.
-- @plpgsql_check_options: performance_warnings = off
DECLARE
    v_correction_id constant uuid := etl._correction_id(p_history);
    r_target        etl.correction_target;
    v_rows          tid[];
BEGIN
    SELECT t.* INTO r_target FROM etl.correction_target t WHERE t.target = p_history.target;
    EXECUTE etl._candidate_query(
        r_target, p_history.parameters, format('ONLY %s', p_batch.relation::regclass),
        'm.ctid >= $2 AND m.ctid < $3 AND ' || etl._settled_condition('$4'),
        etl._has_failures(v_correction_id),
        'array_agg(m.ctid ORDER BY m.ctid)', etl._value_expression(r_target))
    INTO v_rows
    USING v_correction_id, format('(%s,0)', p_batch.first_item)::tid,
          format('(%s,0)', p_batch.end_item)::tid, etl._settled_age(p_history);
    RETURN coalesce(v_rows, '{}');
END
$_rows_to_correct$;
COMMENT ON FUNCTION etl._rows_to_correct IS
    'Internal: places of the rows to correct in a batch of blocks.';
