CREATE OR REPLACE FUNCTION etl._search_rows(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $_search_rows$
-- Looks in the blocks of a batch for empty values that can be corrected, and plans a chunk of the
-- next pass for them.
-- Locks: the control row, where some are found: chunks are numbered.
-- Tables: writes etl.operation_chunk.
-- Volatile: it must see what was written just before.
-- @plpgsql_check_options: performance_warnings = off
DECLARE
    r_target etl.correction_target;
    v_rows   tid[];
    v_value  text;
BEGIN
    SELECT t.* INTO r_target FROM etl.correction_target t WHERE t.target = p_history.target;
    IF NOT etl._is_part_of(p_batch.relation, r_target) THEN
        RETURN;
    END IF;
    v_value := etl._value_expression(r_target, etl._duty_cycle_expression(p_control, p_worker));
    EXECUTE etl._candidate_query(
        r_target, p_history.parameters, format('ONLY %s', p_batch.relation::regclass),
        format('m.ctid >= $2 AND m.ctid < $3 AND %s = ''''', v_value),
        etl._has_failures(p_history.execution_id), 'array_agg(m.ctid ORDER BY m.ctid)', v_value)
    INTO v_rows
    USING p_history.execution_id, format('(%s,0)', p_batch.first_item)::tid,
          format('(%s,0)', p_batch.end_item)::tid;
    IF v_rows IS NULL THEN
        RETURN;
    END IF;
    PERFORM FROM etl.operation_control c WHERE c.execution_id = p_history.execution_id FOR UPDATE;
    INSERT INTO etl.operation_chunk (
        execution_id, pass, chunk_number, relation, first_item, next_item, end_item,
        rows_per_item, row_locations)
    SELECT p_history.execution_id, p_control.pass + 1, coalesce(max(k.chunk_number), 0) + 1,
           p_batch.relation,
           0, 0, cardinality(v_rows), 1, v_rows
      FROM etl.operation_chunk k
     WHERE k.execution_id = p_history.execution_id AND k.pass = p_control.pass + 1;
END
$_search_rows$;
COMMENT ON FUNCTION etl._search_rows IS
    'Internal: looks in a batch of blocks for empty values.';
