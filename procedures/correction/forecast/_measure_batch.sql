CREATE OR REPLACE FUNCTION etl._measure_batch(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    OUT changed      bigint,
    OUT updates      bigint,
    OUT hot_updates  bigint,
    OUT wal_bytes    bigint,
    OUT wal_images   bigint,
    OUT milliseconds double precision,
    OUT refusal      text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_measure_batch$
-- Corrects a batch, tells what that has cost, and takes it back at once: the row locks are gone
-- with it. Where another session holds a row, a second attempt passes over such rows. changed is
-- NULL where a row was refused (refusal tells why) or where the table itself was locked.
BEGIN
    FOR v_attempt IN 0 .. 1 LOOP
        p_worker.skip_locked := v_attempt;
        BEGIN
            SELECT m.changed, m.updates, m.hot_updates, m.wal_bytes, m.wal_images, m.milliseconds
              INTO changed, updates, hot_updates, wal_bytes, wal_images, milliseconds
              FROM etl._meter_rows(p_history, p_control, p_worker, p_batch,
                                   p_batch.row_locations) m;
            RAISE EXCEPTION USING ERRCODE = 'ME000', MESSAGE = 'takes the batch back';
        EXCEPTION
            WHEN SQLSTATE 'ME000' THEN
                RETURN;
            WHEN OTHERS THEN
                CASE etl._error_class(SQLSTATE)
                    WHEN 'conflict' THEN NULL;
                    WHEN 'row' THEN
                        refusal := SQLERRM;
                        RETURN;
                    ELSE RAISE;
                END CASE;
        END;
    END LOOP;
END
$_measure_batch$;
COMMENT ON FUNCTION etl._measure_batch IS
    'Internal: corrects a batch, tells what that has cost, and takes it back.';
