CREATE OR REPLACE FUNCTION etl._throttle(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_worker  etl.operation_worker,
    OUT wait    interval,
    OUT reason  text,
    OUT is_slow boolean
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_throttle$
-- Looks, before a step, whether the server or the user would rather have the worker wait. What
-- costs a look at other sessions is looked at once a second.
-- wait, reason: how long, and why, it waits before it looks again; NULL: it need not.
-- is_slow: it does its step first and waits afterwards.
-- Tables: writes etl.operation_worker, etl.operation_control.
DECLARE
    v_interval constant interval := interval '1 second';
    v_dead     numeric;
    v_dead_limit constant numeric := (p_control.limits ->> 'max_dead_rows')::numeric;
BEGIN
    is_slow := false;
    SELECT h.wait, h.reason INTO wait, reason FROM etl._outside_hours(p_control) h;
    IF wait IS NOT NULL THEN
        RETURN;
    ELSIF p_control.limits ? 'max_wal_rate' AND p_control.wal_paid_at > clock_timestamp() THEN
        wait := least(p_control.wal_paid_at - clock_timestamp(), v_interval);
        reason := format('WAL to come down to %s a second', p_control.limits ->> 'max_wal_rate');
        RETURN;
    ELSIF p_worker.changed_at + p_control.pause_between_batches > clock_timestamp() THEN
        wait := least(p_worker.changed_at + p_control.pause_between_batches - clock_timestamp(),
                      v_interval);
        reason := 'pause between batches';
        RETURN;
    ELSIF p_worker.looked_at > clock_timestamp() - v_interval THEN
        RETURN;
    END IF;
    UPDATE etl.operation_worker
       SET looked_at = clock_timestamp()
     WHERE execution_id = p_worker.execution_id AND worker_number = p_worker.worker_number;
    reason := etl._throttle_reason(p_history, p_control);
    IF reason IS NULL AND v_dead_limit IS NOT NULL AND etl._phase_kind(p_history) <> 'reading' THEN
        v_dead := etl._dead_rows(p_history.execution_id, etl._fact_table(p_history));
        IF v_dead > v_dead_limit THEN
            is_slow := true;
            reason := format('vacuum: %s %% of the rows are dead, limit %s %%',
                             v_dead, v_dead_limit);
        END IF;
    END IF;
    IF reason IS NOT NULL THEN
        wait := v_interval;
    END IF;
END
$_throttle$;
COMMENT ON FUNCTION etl._throttle IS
    'Internal: whether a worker should wait, before or after its batch.';
