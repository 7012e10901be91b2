CREATE OR REPLACE FUNCTION etl._outside_hours(
    p_control etl.operation_control,
    OUT wait   interval,
    OUT reason text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_outside_hours$
-- Whether a worker has to wait for allowed_hours. The first to wait stops the clock of the
-- deadline, the first to go on puts the time off; a limit that was lifted meanwhile counts as open.
-- wait, reason: how long, and why, the worker waits before it looks again; NULL: it need not.
-- Tables: writes etl.operation_control.
DECLARE
    v_hours    constant text := p_control.limits ->> 'allowed_hours';
    v_opens_at constant timestamptz := etl._opens_at(v_hours, clock_timestamp());
BEGIN
    IF v_opens_at IS NOT NULL THEN
        UPDATE etl.operation_control
           SET closed_since = clock_timestamp()
         WHERE execution_id = p_control.execution_id AND closed_since IS NULL;
        wait := interval '1 second';
        reason := format('allowed hours (%s), from %s', v_hours, date_trunc('second', v_opens_at));
    ELSIF p_control.closed_since IS NOT NULL THEN
        UPDATE etl.operation_control
           SET deadline = deadline + (clock_timestamp() - closed_since), closed_since = NULL
         WHERE execution_id = p_control.execution_id AND closed_since IS NOT NULL;
        wait := interval '1 ms';  -- the row that all workers share is not held for a batch
        reason := 'allowed hours, which begin now';
    END IF;
END
$_outside_hours$;
COMMENT ON FUNCTION etl._outside_hours IS
    'Internal: whether a worker has to wait for the allowed hours.';
