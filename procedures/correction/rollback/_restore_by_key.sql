CREATE OR REPLACE FUNCTION etl._restore_by_key(
    p_history    public.etl_execution_history,
    p_target     etl.correction_target,
    p_backup     regclass,
    p_rows       tid[],
    p_duty_check text
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
AS $_restore_by_key$
-- Looks rows of the backup up by key, restores those that still have the value that the correction
-- wrote, and records the outcome of all others: missing, unchanged, kept or forced, or held, to be
-- tried again. Rows are locked before they are judged; rows of other sessions are not waited for.
-- p_rows: places in the backup.
-- p_duty_check: see etl._duty_cycle_expression().
-- Returns how many were restored or forced.
-- Each row is looked up by its key, whatever the statistics say: other joins may read the whole
-- table.
-- Tables: writes the fact table, etl.rollback_exception (in a dry run neither).
-- Every name in the statement is quoted by format; volatile: it must see what was written just
-- before.
-- @plpgsql_check_options: security_warnings = off, performance_warnings = off
DECLARE
    v_forces   constant boolean := p_history.parameters ->> 'on_conflict' = 'force';
    v_locked   tid[];
    v_restore  tid[];
    v_restored tid[];
BEGIN
    PERFORM etl._allow_joins(p_target);
    PERFORM etl._trust_triggers(p_target.fact_table);
    EXECUTE format(
        'SELECT ARRAY(SELECT b.ctid FROM ONLY %s b JOIN %s m ON %s WHERE b.ctid = ANY ($1)%s)',
        p_backup, p_target.fact_table, etl._same_key_condition(p_target),
        CASE WHEN p_history.dry_run THEN '' ELSE ' FOR NO KEY UPDATE OF m SKIP LOCKED' END)
    INTO v_locked USING p_rows;

    EXECUTE format($query$
        WITH judged AS (
            SELECT b.ctid AS backup_location, %1$s AS key, m.%2$I::text AS current_value,
                   CASE WHEN NOT m.is_there IS TRUE THEN 'missing'
                        WHEN b.ctid <> ALL ($2) THEN 'held'
                        WHEN m.%2$I IS NOT DISTINCT FROM b.new_value THEN 'restored'
                        WHEN m.%2$I IS NOT DISTINCT FROM b.%2$I THEN 'unchanged'
                        WHEN $3 THEN 'forced'
                        ELSE 'kept' END AS outcome
              FROM ONLY %3$s b
              LEFT JOIN LATERAL (SELECT m.%2$I, true AS is_there FROM %4$s m WHERE %5$s) m ON true
             WHERE b.ctid = ANY ($1)
        ), cleared AS (
            DELETE FROM etl.rollback_exception x
             USING judged j
             WHERE NOT $6 AND x.rollback_id = $4 AND x.backup_location = j.backup_location
               AND j.outcome = 'restored'
        ), recorded AS (
            INSERT INTO etl.rollback_exception AS x (
                rollback_id, correction_id, backup_location, key, outcome, current_value)
            SELECT $4, $5, j.backup_location, j.key, j.outcome, j.current_value
              FROM judged j
             WHERE NOT $6 AND j.outcome <> 'restored'
            ON CONFLICT (rollback_id, backup_location) DO UPDATE
                SET outcome = excluded.outcome, current_value = excluded.current_value,
                    message = NULL, recorded_at = excluded.recorded_at
        )
        SELECT array_agg(j.backup_location) FROM judged j WHERE j.outcome IN ('restored', 'forced')
        $query$, etl._key_expression(p_target, 'b'), p_target.value_column, p_backup,
        p_target.fact_table, etl._same_key_condition(p_target))
    INTO v_restore
    USING p_rows, v_locked, v_forces, p_history.execution_id, p_history.subject_execution_id,
          p_history.dry_run;
    IF p_history.dry_run OR v_restore IS NULL THEN
        RETURN coalesce(cardinality(v_restore), 0)::bigint;
    END IF;

    EXECUTE format($statement$
        WITH restored AS (
            UPDATE %1$s m
               SET %2$I = b.%2$I%3$s
              FROM ONLY %4$s b
             WHERE %5$s AND b.ctid = ANY ($1) AND %7$s
            RETURNING b.ctid AS backup_location, b.%2$I::text AS intended, m.%2$I::text AS stored
        )
        SELECT coalesce(array_agg(r.backup_location), '{}') FROM restored r WHERE %6$s
        $statement$, p_target.fact_table, p_target.value_column, etl._touch_clause(p_target),
        p_backup, etl._same_key_condition(p_target), etl._restored_condition(p_history),
        etl._paced_condition('true', p_duty_check))
    INTO v_restored USING v_restore;
    IF cardinality(v_restored) < cardinality(v_restore) THEN
        EXECUTE format($statement$
            INSERT INTO etl.rollback_exception AS x (
                rollback_id, correction_id, backup_location, key, outcome, message)
            SELECT $1, $2, b.ctid, %s, 'kept', 'a trigger of the table suppressed the change'
              FROM ONLY %s b
             WHERE b.ctid = ANY (ARRAY(SELECT unnest($3) EXCEPT SELECT unnest($4)))
            ON CONFLICT (rollback_id, backup_location) DO UPDATE
                SET outcome = excluded.outcome, message = excluded.message,
                    recorded_at = excluded.recorded_at
            $statement$, etl._key_expression(p_target, 'b'), p_backup)
        USING p_history.execution_id, p_history.subject_execution_id, v_restore, v_restored;
    END IF;
    RETURN cardinality(v_restored);
END
$_restore_by_key$;
COMMENT ON FUNCTION etl._restore_by_key IS
    'Internal: restores rows by key and records the outcome of those that it cannot or may not '
    'restore.';
