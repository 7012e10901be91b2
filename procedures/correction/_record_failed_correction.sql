CREATE OR REPLACE FUNCTION etl._record_failed_correction(
    p_history  public.etl_execution_history,
    p_batch    etl.batch_claim,
    p_row      tid,
    p_sqlstate text,
    p_message  text
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $_record_failed_correction$
-- Records a row that was refused, or counts one more attempt at it.
-- Tables: writes etl.failed_record.
-- Times in the key are in UTC, whatever the session's zone.
DECLARE
    r_target etl.correction_target;
BEGIN
    SELECT t.* INTO r_target FROM etl.correction_target t WHERE t.target = p_history.target;
    EXECUTE format($statement$
        INSERT INTO etl.failed_record AS f (execution_id, key, match_value, sqlstate, message)
        SELECT $1, %s, m.%I::text, $2, $3 FROM ONLY %s m WHERE m.ctid = $4
        ON CONFLICT (execution_id, key) DO UPDATE
            SET sqlstate = excluded.sqlstate, message = excluded.message,
                attempts = f.attempts + 1, last_failed_at = excluded.last_failed_at,
                resolved_at = NULL
        $statement$, etl._key_expression(r_target, 'm'), r_target.match_column,
        p_batch.relation::regclass)
    USING etl._correction_id(p_history), p_sqlstate, p_message, p_row;
END
$_record_failed_correction$;
COMMENT ON FUNCTION etl._record_failed_correction IS
    'Internal: records a row that was refused.';
