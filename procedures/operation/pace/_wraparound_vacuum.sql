CREATE OR REPLACE FUNCTION etl._wraparound_vacuum(p_fact_table regclass) RETURNS regclass
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_wraparound_vacuum$
-- The table, p_fact_table or a partition of it, that is being vacuumed to prevent wraparound; NULL:
-- none is. The locks are seen by every role, and few sessions hold this one, so that the partitions
-- are rarely looked up.
DECLARE
    r_lock record;
BEGIN
    FOR r_lock IN
        SELECT l.pid, l.relation
          FROM pg_locks l
         WHERE l.locktype = 'relation' AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted
           AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
    LOOP
        IF etl._prevents_wraparound(r_lock.pid, r_lock.relation)
           AND EXISTS (SELECT FROM etl._leaf_tables(p_fact_table) t
                        WHERE t.relation = r_lock.relation) THEN
            RETURN r_lock.relation::regclass;
        END IF;
    END LOOP;
    RETURN NULL;
END
$_wraparound_vacuum$;
COMMENT ON FUNCTION etl._wraparound_vacuum IS
    'Internal: the part of a fact table that is being vacuumed to prevent wraparound.';
