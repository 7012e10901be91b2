CREATE OR REPLACE FUNCTION etl._next_batch_rows(
    p_control       etl.operation_control,
    p_batch_rows    double precision,
    p_rows_expected bigint,
    p_elapsed_ms    double precision
) RETURNS double precision
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_next_batch_rows$
-- Size of the next batch: from the rate of the last one towards target_batch_time. It shrinks at once
-- and grows by half at most. A batch cut short by the end of its piece tells the rate just as well.
SELECT CASE WHEN p_control.adaptive
            THEN greatest(1, least(p_batch_rows * 1.5, 10000000,
                     p_rows_expected * etl._milliseconds(p_control.target_batch_time) / p_elapsed_ms))
            ELSE p_control.batch_size END
$_next_batch_rows$;
COMMENT ON FUNCTION etl._next_batch_rows(etl.operation_control, double precision, bigint, double precision) IS
    'Internal: size of a worker''s next batch.';
