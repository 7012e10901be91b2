CREATE OR REPLACE FUNCTION etl._batch_rows(
    p_history public.etl_execution_history,
    p_batch   etl.batch_claim,
    OUT rows tid[]
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_batch_rows$
-- Hook: places of the rows that a batch is about, in physical order. Jobs without a branch have
-- batches of listed rows only.
BEGIN
    IF p_batch.row_locations IS NOT NULL THEN
        rows := p_batch.row_locations;
        RETURN;
    END IF;
    CASE p_history.operation
        WHEN 'correction', 'retry' THEN rows := etl._rows_to_correct(p_history, p_batch);
        WHEN 'rollback' THEN rows := etl._rows_to_restore(p_history, p_batch);
    END CASE;
END
$_batch_rows$;
COMMENT ON FUNCTION etl._batch_rows IS
    'Internal: hook for the places of the rows of a batch.';
