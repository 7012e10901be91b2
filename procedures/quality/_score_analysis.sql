CREATE OR REPLACE FUNCTION etl._score_analysis(p_analysis etl.analysis) RETURNS etl.analysis
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_score_analysis$
-- Fills in the scores of a measurement from its counts.
DECLARE
    v_mapped constant bigint := p_analysis.total_records - p_analysis.orphaned_records
                                - p_analysis.ambiguous_records - p_analysis.unmappable_records;
BEGIN
    p_analysis.completeness_score := etl._percent(
        p_analysis.total_records - p_analysis.null_records - p_analysis.empty_records
        - p_analysis.unknown_class_records, p_analysis.total_records);
    p_analysis.integrity_score := etl._percent(
        p_analysis.total_records - p_analysis.orphaned_records, p_analysis.total_records);
    p_analysis.consistency_score := etl._percent(
        v_mapped - p_analysis.correctable_records, v_mapped);
    p_analysis.data_quality_score := etl._percent(
        p_analysis.agreeing_records, p_analysis.total_records);
    RETURN p_analysis;
END
$_score_analysis$;
COMMENT ON FUNCTION etl._score_analysis IS
    'Internal: scores of a measurement.';
