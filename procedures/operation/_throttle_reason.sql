CREATE OR REPLACE FUNCTION etl._throttle_reason(p_control etl.operation_control) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_throttle_reason$
-- Why the next batch had better wait; NULL: nothing speaks against it.
SELECT format('replica %s is %s behind, limit %s', r.application_name, r.replay_lag, p_control.max_replica_lag)
  FROM pg_stat_replication r
 WHERE r.replay_lag > p_control.max_replica_lag
 ORDER BY r.replay_lag DESC
 LIMIT 1
$_throttle_reason$;
COMMENT ON FUNCTION etl._throttle_reason(etl.operation_control) IS
    'Internal: why a worker should wait before its next batch; NULL: it should not.';
