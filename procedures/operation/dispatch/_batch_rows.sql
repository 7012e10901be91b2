CREATE OR REPLACE FUNCTION etl._batch_rows(
    p_history public.etl_execution_history,
    p_batch   etl.batch_claim
) RETURNS tid[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_batch_rows$
-- Places of the rows that a batch is about, in physical order.
BEGIN
    IF p_batch.row_locations IS NOT NULL THEN
        RETURN p_batch.row_locations;
    END IF;
    RETURN CASE p_history.operation
        WHEN 'rollback' THEN etl._rows_to_restore(p_history, p_batch)
        ELSE etl._rows_to_correct(p_history, p_batch) END;
END
$_batch_rows$;
COMMENT ON FUNCTION etl._batch_rows(public.etl_execution_history, etl.batch_claim) IS
    'Internal: places of the rows of a batch.';
