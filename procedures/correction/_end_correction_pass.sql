CREATE OR REPLACE FUNCTION etl._end_correction_pass(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    OUT wait   interval,
    OUT reason text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_end_correction_pass$
-- Takes a correction or a retry from one phase to the next: mapping, measuring, searching,
-- correcting, sweeping. Returns how long, and why, to wait before this is called again; NULL:
-- planned or finished.
BEGIN
    CASE p_history.phase
        WHEN 'mapping' THEN
            PERFORM etl._prepare_correction(p_history);
            PERFORM etl._record_forecast(p_history);
        WHEN 'measuring' THEN PERFORM etl._plan_correction(p_history);
        WHEN 'searching' THEN wait := etl._end_search(p_history, p_control);
        WHEN 'correcting', 'sweeping' THEN wait := etl._plan_sweep(p_history, p_control);
    END CASE;
    reason := 'rows that other sessions hold';
END
$_end_correction_pass$;
COMMENT ON FUNCTION etl._end_correction_pass IS
    'Internal: next phase of a correction.';
