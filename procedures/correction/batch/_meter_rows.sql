CREATE OR REPLACE FUNCTION etl._meter_rows(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    p_rows    tid[],
    OUT changed      bigint,
    OUT updates      bigint,
    OUT hot_updates  bigint,
    OUT wal_bytes    bigint,
    OUT wal_images   bigint,
    OUT milliseconds double precision
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_meter_rows$
-- Corrects the rows of a batch with etl._correct_rows() and tells what that has cost: row versions
-- written, those of them that were HOT, WAL, full-page images in it, and time.
-- WAL is this session's own, in every version of PostgreSQL, because EXPLAIN counts it where it is
-- written; the position in the WAL would count that of others. Only the outermost node is metered.
-- EXPLAIN throws the result away, so it comes back in a setting. Costs some 50 microseconds.
-- Statistics of the transaction add up until the session is idle, so a difference is taken.
DECLARE
    v_updates constant bigint := pg_stat_get_xact_tuples_updated(p_batch.relation);
    v_hot     constant bigint := pg_stat_get_xact_tuples_hot_updated(p_batch.relation);
    v_plan    json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, WAL, TIMING OFF, COSTS OFF, BUFFERS OFF, FORMAT JSON) '
            'SELECT set_config(''mytrader_etl.changed'', '
            'etl._correct_rows($1, $2, $3, $4, $5)::text, true)'
       INTO v_plan USING p_history, p_control, p_worker, p_batch, p_rows;
    changed := current_setting('mytrader_etl.changed')::bigint;
    updates := pg_stat_get_xact_tuples_updated(p_batch.relation) - v_updates;
    hot_updates := pg_stat_get_xact_tuples_hot_updated(p_batch.relation) - v_hot;
    wal_bytes := (v_plan -> 0 -> 'Plan' ->> 'WAL Bytes')::bigint;
    wal_images := (v_plan -> 0 -> 'Plan' ->> 'WAL FPI')::bigint;
    milliseconds := (v_plan -> 0 ->> 'Execution Time')::double precision;
END
$_meter_rows$;
COMMENT ON FUNCTION etl._meter_rows IS
    'Internal: corrects the rows of a batch and tells what that has cost.';
