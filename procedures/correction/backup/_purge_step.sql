CREATE OR REPLACE FUNCTION etl._purge_step(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    OUT wait   interval,
    OUT reason text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_purge_step$
-- Drops one backup table, then forgets the batches of operations that ended long ago, a hundred a
-- step, then ends the purge. A table of a target on which an operation runs is left.
-- wait, reason: how long, and why, the worker waits before its next step; NULL: it need not.
DECLARE
    r_batch  etl.batch_claim;
    v_forgotten bigint := 0::bigint;
    r_backup etl.correction_backup;
BEGIN
    r_batch := etl._claim_batch(p_control, p_worker);
    IF r_batch.chunk_number IS NOT NULL THEN
        SELECT k.* INTO r_backup
          FROM etl.correction_backup k
         WHERE k.relation = r_batch.relation::regclass AND k.purged_at IS NULL
           AND NOT EXISTS (SELECT FROM public.etl_execution_history h
                            WHERE h.target = k.target AND h.status IN ('running', 'paused'));
        IF r_backup.execution_id IS NOT NULL AND NOT p_history.dry_run THEN
            PERFORM etl._drop_backup(r_backup.execution_id);
            DELETE FROM etl.correction_mapping WHERE execution_id = r_backup.execution_id;
            PERFORM etl._audit('purge', r_backup.execution_id, r_backup.target, NULL, to_jsonb(r_backup));
        END IF;
        PERFORM etl._finish_batch(p_control, p_worker, r_batch, (r_backup.execution_id IS NOT NULL)::integer,
                                  (r_backup.execution_id IS NULL)::integer, 0, true);
    ELSIF r_batch.is_pass_done AND etl._lead(p_history, p_control) THEN
        IF NOT p_history.dry_run THEN
            v_forgotten := etl._forget_batches((p_history.parameters ->> 'older_than')::interval);
            UPDATE public.etl_execution_history h
               SET result = h.result || jsonb_build_object('operations_forgotten',
                       coalesce((h.result ->> 'operations_forgotten')::bigint, 0) + v_forgotten),
                   heartbeat_at = clock_timestamp()
             WHERE h.execution_id = p_history.execution_id;
        END IF;
        IF v_forgotten > 0 THEN
            RETURN;
        END IF;
        PERFORM set_config('synchronous_commit', 'on', true);
        UPDATE public.etl_execution_history
           SET status = 'completed', progress_percent = 100,
               heartbeat_at = clock_timestamp(), finished_at = clock_timestamp()
         WHERE execution_id = p_history.execution_id;
        PERFORM etl._enter_phase(p_history.execution_id, 'finished', 1::smallint, 100, 100);
    ELSE
        wait := etl._patience(p_history);
        reason := 'other workers to end the phase';
    END IF;
END
$_purge_step$;
COMMENT ON FUNCTION etl._purge_step(public.etl_execution_history, etl.operation_control, etl.operation_worker) IS
    'Internal: one step of a purge.';
