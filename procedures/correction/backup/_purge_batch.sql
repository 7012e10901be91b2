CREATE OR REPLACE FUNCTION etl._purge_batch(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_purge_batch$
-- Drops one backup table. That of a target on which an operation runs is left.
-- Tables: writes etl.correction_backup, etl.correction_mapping, etl.audit_log; drops a backup
-- table.
DECLARE
    r_backup etl.correction_backup;
BEGIN
    SELECT k.* INTO r_backup
      FROM etl.correction_backup k
     WHERE k.relation = p_batch.relation::regclass AND k.purged_at IS NULL
       AND NOT EXISTS (SELECT FROM public.etl_execution_history h
                        WHERE h.target = k.target AND h.status IN ('running', 'paused'));
    IF r_backup.execution_id IS NOT NULL AND NOT p_history.dry_run THEN
        PERFORM etl._drop_backup(r_backup.execution_id);
        DELETE FROM etl.correction_mapping WHERE execution_id = r_backup.execution_id;
        PERFORM etl._audit('purge', r_backup.execution_id, r_backup.target, NULL,
                           to_jsonb(r_backup));
    END IF;
    PERFORM etl._finish_batch(p_control, p_worker, p_batch,
                              (r_backup.execution_id IS NOT NULL)::integer,
                              (r_backup.execution_id IS NULL)::integer, 0, true);
END
$_purge_batch$;
COMMENT ON FUNCTION etl._purge_batch IS
    'Internal: drops one backup table.';
