CREATE OR REPLACE FUNCTION etl._batch_counts(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim
) RETURNS bigint[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_batch_counts$
-- What a batch counts besides changing rows: measurement and sweep of a correction measure its blocks.
BEGIN
    IF p_history.operation = 'correction' AND p_history.phase IN ('measuring', 'sweeping') AND p_batch.row_locations IS NULL THEN
        RETURN etl._count_rows(p_history, p_batch, etl._rest_clause(p_control, p_worker));
    END IF;
    RETURN NULL;
END
$_batch_counts$;
COMMENT ON FUNCTION etl._batch_counts(public.etl_execution_history, etl.operation_control, etl.operation_worker, etl.batch_claim) IS
    'Internal: counts that a batch adds to its piece.';
