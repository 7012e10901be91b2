CREATE OR REPLACE FUNCTION etl._set_lock_timeout(p_timeout interval) RETURNS void
LANGUAGE sql
AS $_set_lock_timeout$
-- Longest wait for a lock, for this transaction. No SET clause: it would end with this function.
SELECT pg_catalog.set_config('lock_timeout',
           pg_catalog.ceil(etl._milliseconds(p_timeout))::text, true)
$_set_lock_timeout$;
COMMENT ON FUNCTION etl._set_lock_timeout IS
    'Internal: lock_timeout for this transaction.';
