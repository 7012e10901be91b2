CREATE OR REPLACE FUNCTION etl._measure_sample(
    p_target        etl.correction_target,
    p_options       jsonb,
    p_strategy      text,
    p_records       bigint,
    p_total_records bigint
) RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_measure_sample$
-- Does the batches of a correction on a sample of at most 1 % of the rows, takes all of it back,
-- and returns what was measured. Nothing of it stays but dead row versions, which vacuum removes.
-- Each batch is undone before the next begins, so a row is locked for milliseconds; no lock is
-- waited for longer than 10 ms. Triggers fire, and what they do in the database is taken back as
-- well. Time is limited to 3 seconds; what was not reached then is not in the sample.
--
-- Each stretch is done three times. The first time pages are read, and the first change of a page
-- since the last checkpoint writes its image to the WAL: a sample meets such pages far more often
-- than the whole does. The second time shows what rows cost without that. The third time does its
-- first block or row only: what is left when the rows are taken off is the cost of a batch itself.
DECLARE
    v_patience  constant interval := interval '10 ms';
    v_limit     constant interval := interval '3 seconds';
    v_began     constant timestamptz := clock_timestamp();
    v_stretches jsonb := '[]'::jsonb;
    v_sample    jsonb;
    v_size      bigint;
    v_refusal   text;
    r_history   public.etl_execution_history;
    r_control   etl.operation_control;
    r_worker    etl.operation_worker;
    r_batch     etl.batch_claim;
    r_batches   etl.batch_claim[];
    r_cold      record;
    r_warm      record;
    r_first     record;
BEGIN
    r_control.lock_timeout := v_patience;
    r_worker.batch_number := 0;
    BEGIN
        PERFORM etl._set_lock_timeout(v_patience);
        PERFORM set_config('jit', 'off', true);
        r_history := etl._begin_sample_run(p_target, p_options);
        r_batches := ARRAY(SELECT b
                             FROM etl._sample_batches(r_history, p_target, p_strategy, p_records,
                                                      p_total_records) b);
        v_sample := jsonb_build_object(
            'strategy', p_strategy,
            'is_listed', coalesce(r_batches[1].row_locations IS NOT NULL, true),
            'search_ms', etl._milliseconds(clock_timestamp() - v_began),
            'reading_ms', CASE WHEN p_strategy = 'blocks'
                               THEN etl._time_reading(r_history, p_target) END);

        FOREACH r_batch IN ARRAY r_batches LOOP
            EXIT WHEN clock_timestamp() > v_began + v_limit;
            v_size := pg_relation_size(r_batch.relation);
            SELECT t.* INTO r_cold
              FROM etl._measure_batch(r_history, r_control, r_worker, r_batch) t;
            SELECT t.* INTO r_warm
              FROM etl._measure_batch(r_history, r_control, r_worker, r_batch) t;
            v_refusal := coalesce(v_refusal, r_cold.refusal);
            CONTINUE WHEN r_cold.changed IS NULL OR r_warm.changed IS NULL;
            v_stretches := v_stretches || jsonb_build_object(
                'blocks', CASE WHEN r_batch.row_locations IS NULL
                               THEN r_batch.end_item - r_batch.first_item
                               ELSE (SELECT count(DISTINCT split_part(p.place::text, ',', 1))
                                       FROM unnest(r_batch.row_locations) AS p (place)) END,
                'cold', to_jsonb(r_cold), 'warm', to_jsonb(r_warm),
                'new_pages', (pg_relation_size(r_batch.relation) - v_size)
                             / current_setting('block_size')::integer);
            IF r_cold.changed > 0 AND NOT v_sample ? 'saved_bytes' THEN
                SELECT v_sample || to_jsonb(l) INTO v_sample
                  FROM etl._look_ahead(r_history, p_target, r_batch) l;
            END IF;

            r_batch.end_item := r_batch.first_item + 1;
            r_batch.row_locations := r_batch.row_locations[1:1];
            SELECT t.* INTO r_first
              FROM etl._measure_batch(r_history, r_control, r_worker, r_batch) t;
            v_stretches := jsonb_set(v_stretches, '{-1,first}', to_jsonb(r_first));
        END LOOP;
        RAISE EXCEPTION USING ERRCODE = 'ME000', MESSAGE = 'takes the sample run back';
    EXCEPTION WHEN SQLSTATE 'ME000' THEN
        NULL;
    END;
    RETURN v_sample || etl._sum_stretches(v_stretches) || jsonb_build_object(
        'refusal', v_refusal, 'duration_ms', etl._milliseconds(clock_timestamp() - v_began));
END
$_measure_sample$;
COMMENT ON FUNCTION etl._measure_sample IS
    'Internal: tries a correction on a sample and takes it back.';
