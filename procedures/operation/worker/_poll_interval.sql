CREATE OR REPLACE FUNCTION etl._poll_interval(p_history public.etl_execution_history)
RETURNS interval
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_poll_interval$
-- How long a worker waits before it looks again whether others have ended a phase: 20 ms at first,
-- up to a second where that takes long, since every look leaves dead versions of its row.
SELECT greatest(interval '20 ms',
                least(interval '1 second', (clock_timestamp() - p_history.heartbeat_at) / 10))
$_poll_interval$;
COMMENT ON FUNCTION etl._poll_interval IS
    'Internal: how long a worker waits for others to end a phase.';
