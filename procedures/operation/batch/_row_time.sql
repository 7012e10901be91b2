CREATE OR REPLACE FUNCTION etl._row_time(
    p_row_time      double precision,
    p_batch_rows    double precision,
    p_rows_expected bigint,
    p_elapsed_ms    double precision
) RETURNS double precision
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_row_time$
-- Moving average of the milliseconds that a row takes, after a batch of p_rows_expected rows.
-- p_row_time: the average before it, NULL for the first batch. A slower batch is believed at once,
-- a faster one by half. A batch cut short by the end of its chunk counts by its share of
-- p_batch_rows, since what a batch costs besides its rows weighs more in it.
SELECT CASE WHEN p_row_time IS NULL THEN b.row_time
            ELSE p_row_time + (b.row_time - p_row_time)
                              * least(1, greatest(1, p_rows_expected) / p_batch_rows)
                              * CASE WHEN b.row_time > p_row_time THEN 1 ELSE 0.5 END END
  FROM (SELECT p_elapsed_ms / greatest(1, p_rows_expected)) AS b (row_time)
$_row_time$;
COMMENT ON FUNCTION etl._row_time IS
    'Internal: moving average of the time that a row takes.';
