CREATE OR REPLACE FUNCTION etl._elect_leader(
    p_history public.etl_execution_history,
    p_control etl.operation_control
) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_elect_leader$
-- Elects, for this transaction, the one worker that takes the operation from one phase to the next.
-- p_history, p_control: what the caller believes in; another worker may have been faster.
-- Returns whether the caller is elected. A transaction lock: gone with the transaction, whatever
-- happens.
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended(p_history.execution_id::text, 0)) THEN
        RETURN false;
    END IF;
    -- A statement of its own: with the lock in one, its snapshot could be older than the lock, and
    -- two workers be elected, one after the other.
    RETURN EXISTS (SELECT FROM public.etl_execution_history h
                     JOIN etl.operation_control c USING (execution_id)
                    WHERE h.execution_id = p_history.execution_id AND h.status = 'running'
                      AND h.phase = p_history.phase AND c.pass = p_control.pass
                      AND c.phase_started_at = p_control.phase_started_at);
END
$_elect_leader$;
COMMENT ON FUNCTION etl._elect_leader IS
    'Internal: whether this worker is the one that ends the phase.';
