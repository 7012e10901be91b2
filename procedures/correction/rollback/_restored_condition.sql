CREATE OR REPLACE FUNCTION etl._restored_condition(p_history public.etl_execution_history)
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_restored_condition$
-- SQL condition on a restored row r (intended, stored): always true, but where the rollback
-- validates it raises for a row that does not hold its old value, which makes it a failed one.
SELECT CASE WHEN (p_history.parameters ->> 'validate_after_rollback')::boolean
            THEN 'r.stored IS NOT DISTINCT FROM r.intended OR etl._is_stored(r.intended, r.stored)'
            ELSE 'true' END
$_restored_condition$;
COMMENT ON FUNCTION etl._restored_condition IS
    'Internal: SQL condition that validates a restored row.';
