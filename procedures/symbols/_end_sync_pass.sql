CREATE OR REPLACE FUNCTION etl._end_sync_pass(p_history public.etl_execution_history) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_end_sync_pass$
-- Plans the symbols that are missing, or finishes a sync: then the bars are looked at again, and
-- what is left without a symbol is counted, not concluded.
-- Tables: writes etl_execution_history.
DECLARE
    v_counts jsonb;
BEGIN
    IF p_history.phase = 'discovering' AND etl._plan_sync(p_history, 1::smallint) THEN
        RETURN;
    END IF;
    WITH classified AS (
        SELECT s.fields #>> '{classification,asset_class}' AS asset_class,
               (s.fields #> '{classification,needs_review}')::boolean AS needs_review,
               s.fields ->> 'enrichment' IS NOT NULL AS is_queued
          FROM etl.row_plan s
         WHERE p_history.dry_run AND s.execution_id = p_history.execution_id
           AND s.fields ? 'classification'
        UNION ALL
        SELECT c.asset_class, c.needs_review,
               EXISTS (SELECT FROM etl.enrichment_queue q WHERE q.change_id = c.change_id)
          FROM etl.symbol_classification c
         WHERE NOT p_history.dry_run AND c.execution_id = p_history.execution_id
    )
    SELECT jsonb_build_object(
               'by_class', coalesce(
                   (SELECT jsonb_object_agg(x.asset_class, x.count)
                      FROM (SELECT c.asset_class, count(*) FROM classified c GROUP BY 1) x), '{}'),
               'needing_review', (SELECT count(*) FROM classified c WHERE c.needs_review),
               'queued', (SELECT count(*) FROM classified c WHERE c.is_queued))
      INTO v_counts;
    IF NOT p_history.dry_run THEN
        v_counts := v_counts || jsonb_build_object(
            'orphans_left', cardinality(etl._orphaned_tickers(
                                etl._require_target(p_history.parameters ->> 'target'))));
    END IF;
    PERFORM etl._finish_symbol_job(p_history, v_counts);
END
$_end_sync_pass$;
COMMENT ON FUNCTION etl._end_sync_pass IS
    'Internal: plan or end of a sync.';
