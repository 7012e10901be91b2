CREATE OR REPLACE FUNCTION etl._store_analysis(
    p_target       text,
    p_execution_id uuid,
    p_counts       bigint[],
    p_duration     interval
) RETURNS etl.analysis
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_store_analysis$
-- Turns counts into scores and keeps them, so that status, health and metrics need not scan.
-- p_counts: in the order of etl._count_names(). Returns the row; on a standby or in a read-only
-- session it is returned only.
DECLARE
    c          jsonb;
    r_analysis etl.analysis;
BEGIN
    SELECT jsonb_object_agg(n.name, n.count)
      INTO c
      FROM unnest(etl._count_names(), p_counts) AS n (name, count);
    r_analysis.analysis_id := gen_random_uuid();
    r_analysis.target := p_target;
    r_analysis.execution_id := p_execution_id;
    r_analysis.analyzed_at := clock_timestamp();
    r_analysis.total_records := (c -> 'total')::bigint;
    r_analysis.null_records := (c -> 'null')::bigint;
    r_analysis.empty_records := (c -> 'empty')::bigint;
    r_analysis.unknown_class_records := (c -> 'unknown')::bigint;
    r_analysis.mismatched_records := (c -> 'mismatched')::bigint;
    r_analysis.orphaned_records := (c -> 'orphaned')::bigint;
    r_analysis.ambiguous_records := (c -> 'ambiguous')::bigint;
    r_analysis.unmappable_records := (c -> 'unmappable')::bigint;
    r_analysis.correctable_records := (c -> 'mapped')::bigint - (c -> 'consistent')::bigint;
    r_analysis.agreeing_records := (c -> 'good')::bigint;
    r_analysis := etl._score_analysis(r_analysis);
    r_analysis.duration := p_duration;
    IF NOT current_setting('transaction_read_only')::boolean THEN
        INSERT INTO etl.analysis SELECT r_analysis.*;
    END IF;
    RETURN r_analysis;
END
$_store_analysis$;
COMMENT ON FUNCTION etl._store_analysis(text, uuid, bigint[], interval) IS
    'Internal: computes the scores from counts and stores them.';
