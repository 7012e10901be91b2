CREATE OR REPLACE FUNCTION etl._apply_batch(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    p_rows    tid[]
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_apply_batch$
-- Changes the rows of a batch, as the job wants it. p_rows: only these; NULL: the blocks of p_batch.
-- Returns the number of rows changed.
BEGIN
    RETURN CASE p_history.operation
        WHEN 'rollback' THEN etl._restore_rows(p_history, p_control, p_worker, p_batch, p_rows)
        WHEN 'correction' THEN etl._correct_batch(p_history, p_control, p_worker, p_batch, p_rows)
        WHEN 'retry' THEN etl._correct_batch(p_history, p_control, p_worker, p_batch, p_rows)
        WHEN 'undo' THEN etl._undo_rows(p_history, p_rows)
        ELSE etl._apply_plan(p_history, p_worker, p_rows) END;
END
$_apply_batch$;
COMMENT ON FUNCTION etl._apply_batch(public.etl_execution_history, etl.operation_control, etl.operation_worker, etl.batch_claim, tid[]) IS
    'Internal: changes the rows of a batch.';
