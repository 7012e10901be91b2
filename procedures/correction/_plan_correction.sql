CREATE OR REPLACE FUNCTION etl._plan_correction(p_history public.etl_execution_history)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_plan_correction$
-- Ends the measurement or the search, where there was one, and plans the pass that corrects, with
-- its backup table. What was measured may show that rows to correct are far fewer than statistics
-- said: then an index is used after all. Chunks in which there are none are not gone through again.
-- Where the measurement met empty values that have to be searched for, that comes first.
-- Tables: writes etl.analysis, etl.operation_chunk, etl_execution_history; creates the backup
-- table.
DECLARE
    v_counts   bigint[];
    v_total    bigint;
    r_target   etl.correction_target := etl._require_target(p_history.target);
    r_analysis etl.analysis;
BEGIN
    IF p_history.phase = 'measuring' THEN
        v_counts := etl._pass_counts(p_history.execution_id, 0::smallint);
        r_analysis := etl._store_analysis(p_history.target, p_history.execution_id, v_counts,
                                          clock_timestamp() - p_history.started_at);
        UPDATE public.etl_execution_history h
           SET quality_before = r_analysis.data_quality_score,
               result = h.result || jsonb_build_object('empty_counted', r_analysis.empty_records)
         WHERE h.execution_id = p_history.execution_id;
        p_history := etl._record_strategy(p_history, r_target, v_counts);
        IF (p_history.result ->> 'reads_for_empty')::boolean THEN
            UPDATE etl.operation_chunk k
               SET next_item = k.first_item
             WHERE k.execution_id = p_history.execution_id AND k.pass = 0
               AND etl._count_of(k.counts, 'empty_records') > 0;
            IF FOUND THEN
                PERFORM etl._enter_phase(p_history.execution_id, 'searching', 0::smallint, 5, 5);
                RETURN;
            END IF;
        END IF;
    ELSE
        SELECT a.* INTO r_analysis
          FROM etl.analysis a
         WHERE a.target = p_history.target
         ORDER BY a.analyzed_at DESC
         LIMIT 1;
    END IF;

    IF p_history.result ->> 'strategy' = 'blocks' THEN
        PERFORM etl._plan_blocks(p_history.execution_id, 1::smallint, r_target.fact_table, true);
        DELETE FROM etl.operation_chunk k
         USING etl.operation_chunk m,
               (SELECT max(c.end_item - c.first_item) AS size  -- all begin at multiples of it
                  FROM etl.operation_chunk c
                 WHERE c.execution_id = p_history.execution_id AND c.pass = 0) s
         WHERE k.execution_id = p_history.execution_id AND k.pass = 1
           AND (m.execution_id, m.pass, m.relation) = (k.execution_id, 0, k.relation)
           AND m.first_item = k.first_item / s.size * s.size AND m.end_item >= k.end_item
           AND etl._count_of(m.counts, 'remaining') = 0;
        v_total := etl._count_of(v_counts, 'remaining');
    ELSE
        v_total := etl._collect_rows(p_history, r_target, 1::smallint);
    END IF;
    -- Also where there is nothing to do by now: a sweep may find what is written meanwhile.
    IF (p_history.parameters ->> 'create_backup')::boolean AND NOT p_history.dry_run THEN
        PERFORM etl._create_backup(p_history.execution_id, r_target);
    END IF;
    UPDATE public.etl_execution_history h
       SET quality_before = r_analysis.data_quality_score,
           records_total = least(v_total,
                                 (p_history.parameters ->> 'max_records_to_process')::bigint)
     WHERE h.execution_id = p_history.execution_id;
    PERFORM etl._enter_phase(p_history.execution_id, 'correcting', 1::smallint, 5, 90);
END
$_plan_correction$;
COMMENT ON FUNCTION etl._plan_correction IS
    'Internal: plans the pass of a correction that changes rows.';
