CREATE OR REPLACE FUNCTION etl._blocked_sessions(p_execution_id uuid) RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_blocked_sessions$
-- Sessions that wait for a lock that this session holds; other workers of the operation do not
-- count. Every role sees the locks, and pg_blocking_pids() is asked about waiting sessions only.
SELECT count(DISTINCT l.pid)
  FROM pg_locks l
 WHERE NOT l.granted
   AND pg_backend_pid() = ANY (pg_blocking_pids(l.pid))
   AND NOT EXISTS (SELECT FROM etl.operation_worker w
                    WHERE w.execution_id = p_execution_id AND w.left_at IS NULL
                      AND w.backend_pid = l.pid)
$_blocked_sessions$;
COMMENT ON FUNCTION etl._blocked_sessions IS
    'Internal: number of other sessions that wait for a lock of this session.';
