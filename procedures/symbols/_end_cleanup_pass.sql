CREATE OR REPLACE FUNCTION etl._end_cleanup_pass(
    p_history public.etl_execution_history
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_end_cleanup_pass$
-- Plans the fixes of a clean-up, or finishes it.
-- Tables: writes etl_execution_history.
DECLARE
    v_counts jsonb;
BEGIN
    IF p_history.phase = 'discovering' AND etl._plan_cleanup(p_history, 1::smallint) THEN
        RETURN;
    END IF;
    SELECT jsonb_build_object(
               'by_issue', coalesce(jsonb_object_agg(f.issue_type, f.found), '{}'),
               'findings', coalesce(sum(f.found), 0), 'fixed', coalesce(sum(f.fixed), 0))
      INTO v_counts
      FROM (SELECT x.issue_type, count(*) AS found, count(*) FILTER (WHERE x.is_fixed) AS fixed
              FROM etl.symbol_finding x
             WHERE x.execution_id = p_history.execution_id GROUP BY x.issue_type) f;
    PERFORM etl._finish_symbol_job(p_history, v_counts);
END
$_end_cleanup_pass$;
COMMENT ON FUNCTION etl._end_cleanup_pass IS
    'Internal: plan or end of a clean-up.';
