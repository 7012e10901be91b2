CREATE OR REPLACE FUNCTION etl._fit_batch(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    OUT fitted    etl.batch_claim,
    OUT rows_left bigint,
    OUT counts    bigint[]
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_fit_batch$
-- Shortens a batch of blocks in which more rows are to be changed than its time allows for. Its
-- size comes from what rows took lately, most of which may have been right already: where that
-- makes it much larger than the rows that could be changed, those that have to be are counted
-- first.
-- fitted: the batch to be done.
-- rows_left: rows in it that are to be changed; NULL: not counted.
-- counts: what was counted in these blocks meanwhile; a sweep counts always.
-- @plpgsql_check_options: extra_warnings = off
DECLARE
    v_sweeps   constant boolean := etl._phase_kind(p_history) = 'sweeping';
    v_per_item constant double precision := p_batch.rows_expected::double precision
                                            / (p_batch.end_item - p_batch.first_item);
    v_allowed  double precision;
BEGIN
    fitted := p_batch;
    IF p_batch.row_locations IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT greatest(1, coalesce(etl._milliseconds(p_control.target_batch_time)
                                / max(etl._known_row_time(p_control, w, w.change_time)),
                                p_control.batch_size))
      INTO v_allowed
      FROM etl.operation_worker w
     WHERE w.execution_id = p_history.execution_id;
    IF NOT v_sweeps AND (NOT p_control.adaptive OR p_batch.rows_expected <= 2 * v_allowed) THEN
        RETURN;
    END IF;
    LOOP
        SELECT c.rows_left, c.counts INTO rows_left, counts
          FROM etl._count_batch(p_history, p_control, p_worker, fitted) c;
        EXIT WHEN NOT p_control.adaptive OR coalesce(rows_left, 0) <= 1.5 * v_allowed
                  OR fitted.end_item = fitted.first_item + 1;
        fitted.end_item := fitted.first_item
            + greatest(1, floor((fitted.end_item - fitted.first_item)
                                * v_allowed / rows_left))::bigint;
        fitted.rows_expected := round((fitted.end_item - fitted.first_item) * v_per_item)::bigint;
    END LOOP;
END
$_fit_batch$;
COMMENT ON FUNCTION etl._fit_batch IS
    'Internal: shortens a batch in which too many rows have to be changed.';
