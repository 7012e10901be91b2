CREATE OR REPLACE FUNCTION etl._count_batch(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    OUT rows_left bigint,
    OUT counts    bigint[]
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_count_batch$
-- Hook: looks at the blocks of a batch without changing them.
-- rows_left: rows in them that are to be changed.
-- counts: figures of the job; NULL: it has none.
BEGIN
    CASE p_history.operation
        WHEN 'correction', 'retry' THEN
            counts := etl._count_rows(p_history, p_batch,
                                      etl._duty_cycle_expression(p_control, p_worker));
            rows_left := etl._count_of(counts, 'remaining');
        WHEN 'rollback' THEN
            rows_left := cardinality(etl._rows_to_restore(p_history, p_batch))::bigint;
    END CASE;
END
$_count_batch$;
COMMENT ON FUNCTION etl._count_batch IS
    'Internal: hook that counts what a batch has to change.';
