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
-- p_counts: in the order of etl._counts().
-- Returns the row; on a standby or in a read-only session it is returned only.
DECLARE
    r_analysis etl.analysis := jsonb_populate_record(NULL::etl.analysis,
                                                     etl._named_counts(p_counts));
BEGIN
    r_analysis.correctable_records := etl._count_of(p_counts, 'mapped_records')
                                      - etl._count_of(p_counts, 'consistent_records');
    r_analysis.analysis_id := gen_random_uuid();
    r_analysis.target := p_target;
    r_analysis.execution_id := p_execution_id;
    r_analysis.analyzed_at := clock_timestamp();
    r_analysis := etl._score_analysis(r_analysis);
    r_analysis.duration := p_duration;
    IF NOT current_setting('transaction_read_only')::boolean THEN
        INSERT INTO etl.analysis SELECT r_analysis.*;
    END IF;
    RETURN r_analysis;
END
$_store_analysis$;
COMMENT ON FUNCTION etl._store_analysis IS
    'Internal: computes the scores from counts and stores them.';
