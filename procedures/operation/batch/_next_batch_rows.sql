CREATE OR REPLACE FUNCTION etl._next_batch_rows(
    p_control       etl.operation_control,
    p_batch_rows    double precision,
    p_rows_done     double precision,
    p_row_time      double precision,
    p_is_in_the_way boolean
) RETURNS double precision
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_next_batch_rows$
-- Size of the next batch: the rows that take target_batch_time, but at most half as many again as
-- the last batch had (p_rows_done), or the last size (p_batch_rows) where that batch was cut short
-- of it: a size that was not tried is no reason for a larger one. While other sessions wait for
-- locks of this worker (p_is_in_the_way), it is half the last size, down to what takes 10 ms.
SELECT CASE WHEN NOT p_control.adaptive THEN p_control.batch_size
            WHEN p_is_in_the_way
            THEN least(n.wanted, greatest(p_batch_rows / 2, least(p_batch_rows, 10 / p_row_time)))
            ELSE least(n.wanted, greatest(p_batch_rows, p_rows_done * 1.5)) END
  FROM (SELECT greatest(1, least(10000000, etl._milliseconds(p_control.target_batch_time)
                                           / p_row_time))) AS n (wanted)
$_next_batch_rows$;
COMMENT ON FUNCTION etl._next_batch_rows IS
    'Internal: size of a worker''s next batch.';
