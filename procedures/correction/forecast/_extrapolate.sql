CREATE OR REPLACE FUNCTION etl._extrapolate(
    p_target  etl.correction_target,
    p_options jsonb,
    p_sample  jsonb,
    p_records bigint
) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_extrapolate$
-- The forecast for p_records rows, one session, from what a sample run measured. Rows cost what
-- they cost in the sample. Pages cost once per checkpoint, for their image in the WAL and for being
-- read: the pages of the table once, as they are gone through in order; those of an index, whose
-- entries lie anywhere, once in each checkpoint cycle.
DECLARE
    v_page         constant numeric := current_setting('block_size')::numeric;
    -- On average an index page is filled to ln 2, 69 %.
    v_index_image  constant numeric := 0.69 * current_setting('block_size')::numeric;
    v_rows         constant numeric := nullif((p_sample ->> 'rows')::numeric, 0);
    v_images       constant numeric := (p_sample ->> 'images')::numeric;
    v_moved        constant numeric := 1 - (p_sample ->> 'hot_updates')::numeric
                                           / nullif((p_sample ->> 'updates')::numeric, 0);
    v_blocks       constant numeric := (etl._target_sizes(p_target.fact_table)).table_bytes
                                       / v_page;
    v_heap         constant numeric := least(
        v_blocks, (p_sample ->> 'blocks')::numeric * p_records / v_rows);
    -- A sample hardly meets index pages that are full. Until one is split, entries to delete are
    -- looked for in it again and again and its duplicates are joined. That costs as much as
    -- v_page_rows rows, as measured.
    v_page_rows    constant numeric := 35::numeric;
    v_index        numeric;
    v_sample_index numeric;
    v_growth       numeric;
    v_row_bytes    numeric;
    v_share        numeric;
    v_scale        numeric;
    v_wal          numeric;
    v_cycles       numeric := 1::numeric;
    v_row_ms       numeric := (p_sample ->> 'row_ms')::numeric;
    v_page_ms      numeric;
    v_changing_ms  numeric;
    v_batches      numeric;
    v_milliseconds numeric;
BEGIN
    SELECT coalesce(sum(w.pages * (1 - exp(-w.entries / greatest(w.pages, 1)))), 0),
           coalesce(sum(w.pages * (1 - exp(-w.entries * v_rows / greatest(p_records, 1)
                                           / greatest(w.pages, 1)))), 0),
           coalesce(sum(w.growth_bytes), 0)
      INTO v_index, v_sample_index, v_growth
      FROM (SELECT l.pages, l.entries * s.share AS entries,
                   l.growth_bytes * s.share AS growth_bytes
              FROM etl._index_load(p_target, p_records * v_moved) l
             CROSS JOIN LATERAL (
                 SELECT coalesce((p_sample -> 'index_shares' ->> l.predicate)::numeric,
                                 1) AS share) s) w;

    -- Where fewer than 10 pages were added, most rows found room on existing pages: growth is then
    -- estimated from the size of a row.
    IF (p_sample ->> 'new_pages')::numeric >= 10 THEN
        v_row_bytes := (p_sample ->> 'new_pages')::numeric * v_page
                       / (p_sample ->> 'moved')::numeric;
    ELSE
        SELECT v_blocks * v_page
               / nullif(sum(c.reltuples) FILTER (WHERE c.reltuples > 0), 0)::numeric
          INTO v_row_bytes
          FROM etl._leaf_tables(p_target.fact_table) l JOIN pg_class c ON c.oid = l.relation;
    END IF;

    v_share := least(1, v_images
                        / greatest((p_sample ->> 'blocks')::numeric + v_sample_index, 1));
    v_scale := (p_sample ->> 'image_bytes')::numeric
               / nullif(v_share * ((p_sample ->> 'blocks')::numeric * v_page
                                   + v_sample_index * v_index_image), 0);
    v_page_ms := greatest(0, (p_sample ->> 'cold_ms')::numeric
                             - (p_sample ->> 'warm_ms')::numeric)
                 / greatest((p_sample ->> 'blocks')::numeric + v_sample_index, 1);
    FOR v_round IN 1 .. 4 LOOP
        v_wal := p_records * (p_sample ->> 'row_wal_bytes')::numeric
                 + coalesce(v_scale, 0) * (v_share * v_heap * v_page
                                           + (v_cycles - 1 + v_share) * v_index * v_index_image);
        v_changing_ms := (p_records + v_page_rows * v_growth / v_page) * v_row_ms
                         + (v_heap + v_index * v_cycles) * v_page_ms;
        v_cycles := 1 + floor(greatest(
            v_wal / (pg_size_bytes(current_setting('max_wal_size')) / 2.0),
            v_changing_ms
            / etl._milliseconds(current_setting('checkpoint_timeout')::interval)::numeric));
    END LOOP;
    v_batches := CASE
        WHEN (p_options ->> 'adaptive')::boolean
        THEN v_changing_ms
             / etl._milliseconds((p_options ->> 'target_batch_time')::interval)::numeric + 10
        ELSE ceil(p_records::numeric / (p_options ->> 'batch_size')::numeric) END;
    -- Strategy blocks reads the table to measure it, and again, grown, to sweep it. Where the
    -- sample listed its rows, going through the blocks comes on top. Strategy index looks the rows
    -- up twice.
    v_milliseconds := v_changing_ms + v_batches * (p_sample ->> 'batch_ms')::numeric
                      + CASE WHEN p_sample ->> 'strategy' = 'index'
                             THEN 2 * (p_sample ->> 'search_ms')::numeric
                             WHEN (p_sample ->> 'is_listed')::boolean
                             THEN 3.2 * (p_sample ->> 'reading_ms')::numeric
                             ELSE 2.2 * (p_sample ->> 'reading_ms')::numeric END;
    RETURN jsonb_build_object(
        'records', p_records,
        'duration_seconds', round(v_milliseconds / 1000, 3),
        'wal_bytes', round(v_wal),
        'table_growth_bytes', round(p_records * v_moved * v_row_bytes),
        'index_growth_bytes', round(v_growth),
        'backup_bytes', round(p_records * (p_sample ->> 'saved_bytes')::numeric),
        'hot_update_percent', round(100 * (1 - v_moved), 2));
END
$_extrapolate$;
COMMENT ON FUNCTION etl._extrapolate IS
    'Internal: forecast from what a sample run measured.';
