CREATE OR REPLACE FUNCTION etl._throttle_reason(
    p_history public.etl_execution_history,
    p_control etl.operation_control
) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_throttle_reason$
-- Why the next batch had better wait, as far as SQL can see; NULL: nothing speaks against it. What
-- has no limit is not looked at, but for vacuums to prevent wraparound, which always come first.
DECLARE
    v_fact_table regclass := etl._fact_table(p_history);
    v_lag        constant interval := (p_control.limits ->> 'max_replica_lag')::interval;
    v_slot_lag   constant text := p_control.limits ->> 'max_slot_lag';
    v_age        constant interval := (p_control.limits ->> 'max_snapshot_age')::interval;
    v_vacuumed   regclass;
    r_found      record;
BEGIN
    IF v_fact_table IS NOT NULL THEN
        v_vacuumed := etl._wraparound_vacuum(v_fact_table);
        IF v_vacuumed IS NOT NULL THEN
            RETURN format('the end of the vacuum of %s to prevent wraparound', v_vacuumed);
        END IF;
    END IF;
    IF v_lag IS NOT NULL THEN
        SELECT r.application_name AS name, r.replay_lag AS lag INTO r_found
          FROM pg_stat_replication r
         WHERE r.replay_lag > v_lag
         ORDER BY r.replay_lag DESC
         LIMIT 1;
        IF FOUND THEN
            RETURN format('replica %s, which is %s behind, limit %s',
                          r_found.name, r_found.lag, v_lag);
        END IF;
    END IF;
    IF v_slot_lag IS NOT NULL THEN
        SELECT s.slot_name AS name, pg_current_wal_lsn() - s.restart_lsn AS lag INTO r_found
          FROM pg_replication_slots s
         WHERE pg_current_wal_lsn() - s.restart_lsn > pg_size_bytes(v_slot_lag)
         ORDER BY s.restart_lsn
         LIMIT 1;
        IF FOUND THEN
            RETURN format('replication slot %s, which retains %s of WAL, limit %s',
                          r_found.name, pg_size_pretty(r_found.lag), v_slot_lag);
        END IF;
    END IF;
    IF v_age IS NOT NULL THEN
        SELECT s.holder, s.age INTO r_found FROM etl._oldest_snapshot(p_history.execution_id) s
         WHERE s.age > v_age;
        IF FOUND THEN
            RETURN format('the transaction of %s, which has held back vacuum for %s, limit %s',
                          r_found.holder, date_trunc('second', r_found.age), v_age);
        END IF;
    END IF;
    RETURN NULL;
END
$_throttle_reason$;
COMMENT ON FUNCTION etl._throttle_reason IS
    'Internal: why a worker should wait before its next batch; NULL: it should not.';
