CREATE OR REPLACE FUNCTION etl._sum_stretches(p_stretches jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_sum_stretches$
-- Sums up the stretches of a sample run: a whole stretch cold and warm, and its first block or row
-- alone.
-- moved: new row versions that were not HOT, of both times.
-- image_bytes: WAL of the full-page images, which is what the first time wrote more.
-- row_ms: what each row behind the first block cost.
-- batch_ms: what a batch costs without its rows.
-- Means, not medians: other sessions slow the correction down as they do the sample run.
SELECT to_jsonb(figure) || jsonb_build_object(
           'batch_ms', greatest(0, (figure.first_ms - figure.first_rows * figure.row_ms)
                                   / nullif(figure.stretches, 0)))
  FROM (
    SELECT count(*) AS stretches,
           coalesce(sum(s.blocks), 0) AS blocks,
           coalesce(sum(c.changed), 0) AS rows,
           coalesce(sum(c.updates), 0) AS updates,
           coalesce(sum(c.hot_updates), 0) AS hot_updates,
           coalesce(sum(s.new_pages), 0) AS new_pages,
           coalesce(sum(c.updates - c.hot_updates + w.updates - w.hot_updates), 0) AS moved,
           coalesce(sum(c.wal_images), 0) AS images,
           coalesce(greatest(0, sum(c.wal_bytes) - sum(w.wal_bytes)), 0) AS image_bytes,
           sum(w.wal_bytes) / nullif(sum(w.changed), 0) AS row_wal_bytes,
           sum(c.milliseconds) AS cold_ms,
           sum(w.milliseconds) AS warm_ms,
           sum(f.milliseconds) AS first_ms,
           sum(f.changed) AS first_rows,
           coalesce(nullif(greatest(0, (sum(w.milliseconds - f.milliseconds)
                                        / nullif(sum(w.changed - f.changed), 0))), 0),
                    sum(w.milliseconds) / nullif(sum(w.changed), 0)) AS row_ms
      FROM jsonb_to_recordset(p_stretches) AS s (
               blocks bigint, new_pages bigint, cold jsonb, warm jsonb, first jsonb)
     CROSS JOIN LATERAL jsonb_to_record(s.cold) AS c (
               changed bigint, updates bigint, hot_updates bigint, wal_bytes bigint,
               wal_images bigint, milliseconds double precision)
     CROSS JOIN LATERAL jsonb_to_record(s.warm) AS w (
               changed bigint, updates bigint, hot_updates bigint, wal_bytes bigint,
               milliseconds double precision)
     CROSS JOIN LATERAL jsonb_to_record(s.first) AS f (
               changed bigint, milliseconds double precision)
  ) figure
$_sum_stretches$;
COMMENT ON FUNCTION etl._sum_stretches IS
    'Internal: sums up the stretches of a sample run.';
