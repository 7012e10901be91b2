CREATE OR REPLACE FUNCTION etl._restore_rows(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    p_batch   etl.batch_claim,
    p_rows    tid[]
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_restore_rows$
-- Restores the rows of a batch of the backup. First by the place that each row was left in, which
-- reads the table in order; then by key what was not found there: rows that moved, changed or went.
-- p_rows: places in the backup; NULL: the blocks of p_batch.
-- Returns how many were restored.
DECLARE
    v_duty_check     constant text := etl._duty_cycle_expression(p_control, p_worker);
    v_backup   regclass := etl._require_backup(p_history.subject_execution_id);
    v_rows     tid[] := p_rows;
    v_restored tid[];
    v_records  bigint;
    r_target   etl.correction_target;
BEGIN
    -- Cursors and outcomes are places in the backup: they mean nothing once it was written anew.
    IF (p_history.result ->> 'backup_file')::oid <> pg_relation_filenode(v_backup) THEN
        RAISE EXCEPTION 'backup table % was rewritten while rows were restored from it; '
                        'start another rollback', v_backup
            USING ERRCODE = 'ME007',
                  DETAIL = 'VACUUM FULL, CLUSTER, TRUNCATE or ALTER TABLE gave its rows '
                           'other places.',
                  HINT = format('CALL etl.rollback_correction(%L);',
                                p_history.subject_execution_id);
    END IF;
    SELECT t.* INTO r_target FROM etl.correction_target t WHERE t.target = p_history.target;
    IF p_rows IS NULL THEN
        -- Waits for a row that another session holds for a moment only; well below
        -- deadlock_timeout.
        IF p_worker.skip_locked = 0 THEN
            PERFORM etl._set_lock_timeout(least(interval '100 ms', p_control.lock_timeout));
            SELECT r.records, r.restored INTO v_records, v_restored
              FROM etl._restore_by_place(p_history, r_target, p_batch, v_duty_check) r;
            IF cardinality(v_restored) = v_records THEN
                RETURN v_records;
            END IF;
        END IF;
        v_rows := ARRAY(SELECT unnest(etl._rows_to_restore(p_history, p_batch))
                        EXCEPT SELECT unnest(v_restored) ORDER BY 1);
        IF v_rows = '{}' THEN
            RETURN 0::bigint;
        END IF;
    END IF;
    RETURN coalesce(cardinality(v_restored), 0)
           + etl._restore_by_key(p_history, r_target, v_backup, v_rows, v_duty_check);
END
$_restore_rows$;
COMMENT ON FUNCTION etl._restore_rows IS
    'Internal: restores the rows of a batch.';
