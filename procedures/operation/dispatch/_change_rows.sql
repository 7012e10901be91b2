CREATE OR REPLACE FUNCTION etl._change_rows(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    p_rows    tid[],
    OUT changed bigint
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_change_rows$
-- Hook: changes the rows of a batch, for etl._attempt_batch(), which finds the refused ones.
-- p_rows: places of these rows only; NULL: the blocks of p_batch.
-- Returns the number of rows changed.
BEGIN
    CASE p_history.operation
        WHEN 'correction', 'retry' THEN
            changed := etl._correct_batch(p_history, p_control, p_worker, p_batch, p_rows);
        WHEN 'rollback' THEN
            changed := etl._restore_rows(p_history, p_control, p_worker, p_batch, p_rows);
        WHEN 'bootstrap' THEN
            changed := etl._apply_plan(p_history, p_worker, p_rows);
        WHEN 'sync', 'cleanup' THEN
            changed := etl._apply_symbol_plan(p_history, p_worker, p_rows);
        WHEN 'undo' THEN
            changed := etl._undo_rows(p_history, p_rows);
    END CASE;
END
$_change_rows$;
COMMENT ON FUNCTION etl._change_rows IS
    'Internal: hook that changes the rows of a batch.';
