CREATE OR REPLACE FUNCTION etl._finish_symbol_job(p_history public.etl_execution_history) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_finish_symbol_job$
-- What a sync or a clean-up has done, for the result. After a sync the bars are looked at again:
-- what is left without a symbol is counted, not concluded.
-- Tables: writes etl_execution_history.
DECLARE
    v_added   bigint;
    v_updated bigint;
    v_counts  jsonb;
BEGIN
    IF p_history.dry_run THEN
        SELECT count(*) FILTER (WHERE s.action = 'insert'), count(*) FILTER (WHERE s.action = 'update')
          INTO v_added, v_updated
          FROM etl.row_plan s WHERE s.execution_id = p_history.execution_id;
    ELSE
        SELECT count(*) FILTER (WHERE c.before IS NULL), count(*) FILTER (WHERE c.before IS NOT NULL)
          INTO v_added, v_updated
          FROM etl.row_change c WHERE c.execution_id = p_history.execution_id;
    END IF;
    IF p_history.operation = 'sync' THEN
        WITH classified AS (
            SELECT s.fields #>> '{classification,asset_class}' AS asset_class,
                   (s.fields #> '{classification,needs_review}')::boolean AS needs_review,
                   s.fields ->> 'enrichment' IS NOT NULL AS is_queued
              FROM etl.row_plan s
             WHERE p_history.dry_run AND s.execution_id = p_history.execution_id AND s.fields ? 'classification'
            UNION ALL
            SELECT c.asset_class, c.needs_review,
                   EXISTS (SELECT FROM etl.enrichment_queue q WHERE q.change_id = c.change_id)
              FROM etl.symbol_classification c
             WHERE NOT p_history.dry_run AND c.execution_id = p_history.execution_id
        )
        SELECT jsonb_build_object(
                   'by_class', coalesce((SELECT jsonb_object_agg(x.asset_class, x.count)
                                           FROM (SELECT c.asset_class, count(*) FROM classified c GROUP BY 1) x), '{}'),
                   'needing_review', (SELECT count(*) FROM classified c WHERE c.needs_review),
                   'queued', (SELECT count(*) FROM classified c WHERE c.is_queued))
          INTO v_counts;
        IF NOT p_history.dry_run THEN
            v_counts := v_counts || jsonb_build_object(
                'orphans_left', cardinality(etl._orphaned_tickers(etl._require_target(p_history.parameters ->> 'target'))));
        END IF;
    ELSE
        SELECT jsonb_build_object(
                   'by_issue', coalesce(jsonb_object_agg(f.issue_type, f.found), '{}'),
                   'findings', coalesce(sum(f.found), 0), 'fixed', coalesce(sum(f.fixed), 0))
          INTO v_counts
          FROM (SELECT x.issue_type, count(*) AS found, count(*) FILTER (WHERE x.is_fixed) AS fixed
                  FROM etl.symbol_finding x
                 WHERE x.execution_id = p_history.execution_id GROUP BY x.issue_type) f;
    END IF;
    UPDATE public.etl_execution_history h
       SET result = h.result || v_counts || jsonb_build_object('added', v_added, 'updated', v_updated)
     WHERE h.execution_id = p_history.execution_id;
END
$_finish_symbol_job$;
COMMENT ON FUNCTION etl._finish_symbol_job(public.etl_execution_history) IS
    'Internal: result of a sync or a clean-up.';
