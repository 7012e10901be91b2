CREATE OR REPLACE FUNCTION etl._finish_symbol_job(
    p_history public.etl_execution_history,
    p_counts  jsonb
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_finish_symbol_job$
-- Ends a sync or a clean-up. Its result holds p_counts, and the figures that both have: added,
-- updated, skipped, failed.
-- Tables: writes etl_execution_history; empties etl.row_plan of the operation.
DECLARE
    v_added   bigint;
    v_updated bigint;
BEGIN
    IF p_history.dry_run THEN
        SELECT count(*) FILTER (WHERE s.action = 'insert'),
               count(*) FILTER (WHERE s.action = 'update')
          INTO v_added, v_updated
          FROM etl.row_plan s WHERE s.execution_id = p_history.execution_id;
    ELSE
        SELECT count(*) FILTER (WHERE c.before IS NULL),
               count(*) FILTER (WHERE c.before IS NOT NULL)
          INTO v_added, v_updated
          FROM etl.row_change c WHERE c.execution_id = p_history.execution_id;
    END IF;
    PERFORM etl._finish_platform_job(
        p_history, p_counts || jsonb_build_object('added', v_added, 'updated', v_updated));
    UPDATE public.etl_execution_history h
       SET result = h.result || jsonb_build_object('skipped', h.records_skipped,
                                                   'failed', h.records_failed)
     WHERE h.execution_id = p_history.execution_id;
END
$_finish_symbol_job$;
COMMENT ON FUNCTION etl._finish_symbol_job IS
    'Internal: ends a sync or a clean-up.';
