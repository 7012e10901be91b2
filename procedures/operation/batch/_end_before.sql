CREATE OR REPLACE FUNCTION etl._end_before(
    p_batch etl.batch_claim,
    p_rows  tid[],
    p_row   integer
) RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_end_before$
-- Where a batch ends that stops before one of its rows: at that row, or at its block. p_rows: the
-- rows of the batch in order. p_row: number of the row; behind the last one: the batch ends where
-- it was to end.
SELECT CASE WHEN p_row > cardinality(p_rows) THEN p_batch.end_item
            WHEN p_batch.row_locations IS NOT NULL THEN p_batch.first_item + p_row - 1
            ELSE (p_rows[p_row]::text::point)[0]::bigint END
$_end_before$;
COMMENT ON FUNCTION etl._end_before IS
    'Internal: where a batch ends that stops before one of its rows.';
