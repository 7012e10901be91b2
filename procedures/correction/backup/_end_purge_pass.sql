CREATE OR REPLACE FUNCTION etl._end_purge_pass(p_history public.etl_execution_history) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_end_purge_pass$
-- Forgets the batches of operations that ended long ago, a hundred at a time, then ends the purge.
-- Tables: writes etl_execution_history, and those of etl._forget_batches().
DECLARE
    v_forgotten bigint := 0::bigint;
BEGIN
    IF NOT p_history.dry_run THEN
        v_forgotten := etl._forget_batches((p_history.parameters ->> 'older_than')::interval);
        UPDATE public.etl_execution_history h
           SET result = h.result || jsonb_build_object('operations_forgotten',
                   coalesce((h.result ->> 'operations_forgotten')::bigint, 0) + v_forgotten),
               heartbeat_at = clock_timestamp()
         WHERE h.execution_id = p_history.execution_id;
    END IF;
    IF v_forgotten = 0 THEN
        PERFORM etl._finish_operation(p_history.execution_id, 'completed');
    END IF;
END
$_end_purge_pass$;
COMMENT ON FUNCTION etl._end_purge_pass IS
    'Internal: forgets old batches, or ends a purge.';
