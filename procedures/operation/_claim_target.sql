CREATE OR REPLACE FUNCTION etl._claim_target(p_target text, p_execution_id uuid) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_claim_target$
-- Makes sure that no other operation holds the target. One whose workers are all dead is marked
-- interrupted, which frees the target and leaves that operation resumable.
-- p_execution_id: operation that wants the target.
-- Raises ME001.
-- Two that pass here at once are told apart by the run guard, the partial unique index.
DECLARE
    r_holder public.etl_execution_history;
BEGIN
    SELECT h.* INTO r_holder
      FROM public.etl_execution_history h
     WHERE h.target = p_target
       AND h.status IN ('running', 'paused')
       AND h.execution_id <> p_execution_id;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF etl._effective_status(r_holder.execution_id, r_holder.status) = 'interrupted' THEN
        PERFORM etl._mark_interrupted(r_holder.execution_id);
        RETURN;
    END IF;
    RAISE EXCEPTION 'another operation is % on target %', r_holder.status, p_target
        USING ERRCODE = 'ME001',
              DETAIL = format('The %s %s was started by %s at %s and is at %s %%.',
                              r_holder.operation, r_holder.execution_id, r_holder.triggered_by,
                              r_holder.started_at, r_holder.progress_percent),
              HINT = format('Watch it: SELECT * FROM etl.operation_status(%L); '
                            'help it: CALL etl.%s(%L); '
                            'stop it: SELECT * FROM etl.cancel_operation(%1$L).',
                            r_holder.execution_id,
                            CASE r_holder.status WHEN 'paused' THEN 'resume_operation'
                                                 ELSE 'join_operation' END,
                            r_holder.execution_id);
END
$_claim_target$;
COMMENT ON FUNCTION etl._claim_target IS
    'Internal: raises ME001 while another live or paused operation holds the target.';
