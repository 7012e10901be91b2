CREATE OR REPLACE FUNCTION etl._record_failed_restore(
    p_history  public.etl_execution_history,
    p_batch    etl.batch_claim,
    p_row      tid,
    p_sqlstate text,
    p_message  text
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_record_failed_restore$
-- Records a row whose old value was refused.
-- p_row: its place in the backup.
-- Tables: writes etl.rollback_exception.
DECLARE
    r_target etl.correction_target;
BEGIN
    SELECT t.* INTO r_target FROM etl.correction_target t WHERE t.target = p_history.target;
    EXECUTE format($statement$
        INSERT INTO etl.rollback_exception (
            rollback_id, correction_id, backup_location, key, outcome, current_value, message)
        SELECT $1, $2, b.ctid, %s, 'failed', b.new_value::text, $3
          FROM ONLY %s b WHERE b.ctid = $4
        ON CONFLICT (rollback_id, backup_location) DO UPDATE
            SET outcome = excluded.outcome, message = excluded.message,
                recorded_at = excluded.recorded_at
        $statement$, etl._key_expression(r_target, 'b'), p_batch.relation::regclass)
    USING p_history.execution_id, p_history.subject_execution_id,
          format('%s: %s', p_sqlstate, p_message), p_row;
END
$_record_failed_restore$;
COMMENT ON FUNCTION etl._record_failed_restore IS
    'Internal: records a row whose old value was refused.';
