CREATE OR REPLACE FUNCTION etl._limits() RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_limits$
-- The options that limit the load of an operation: NULL stands for no limit.
SELECT ARRAY['max_replica_lag', 'max_slot_lag', 'max_wal_rate', 'max_duty_cycle', 'max_dead_rows', 'max_snapshot_age', 'allowed_hours']
$_limits$;
COMMENT ON FUNCTION etl._limits() IS
    'Internal: names of the options that limit the load of an operation.';
