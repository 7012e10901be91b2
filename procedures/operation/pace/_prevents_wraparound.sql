CREATE OR REPLACE FUNCTION etl._prevents_wraparound(
    p_pid      integer,
    p_relation oid
) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_prevents_wraparound$
-- Whether a session that holds SHARE UPDATE EXCLUSIVE on a table is a vacuum to prevent wraparound:
-- by what it says of itself, or, where that is hidden from this role, by the age of the table.
SELECT CASE WHEN a.backend_type IS NOT NULL
            THEN a.query LIKE 'autovacuum: %(to prevent wraparound)'
            ELSE age(c.relfrozenxid) > least(
                     current_setting('autovacuum_freeze_max_age')::integer, (
                     SELECT o.option_value::integer FROM pg_options_to_table(c.reloptions) o
                      WHERE o.option_name = 'autovacuum_freeze_max_age'))
              OR mxid_age(c.relminmxid) > least(
                     current_setting('autovacuum_multixact_freeze_max_age')::integer, (
                     SELECT o.option_value::integer FROM pg_options_to_table(c.reloptions) o
                      WHERE o.option_name = 'autovacuum_multixact_freeze_max_age')) END
  FROM pg_class c
  LEFT JOIN pg_stat_activity a ON a.pid = p_pid
 WHERE c.oid = p_relation
$_prevents_wraparound$;
COMMENT ON FUNCTION etl._prevents_wraparound IS
    'Internal: whether the holder of a lock is a vacuum to prevent wraparound.';
