CREATE OR REPLACE FUNCTION etl._is_part_of(p_relation oid, p_target etl.correction_target)
RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_is_part_of$
-- Whether a planned table still belongs to the fact table: a partition may have been dropped or
-- detached since; its rows are then no longer ours.
-- Raises 55000 where the fact table itself is gone.
BEGIN
    IF EXISTS (
        WITH RECURSIVE above AS (  -- from the leaf up: the way down would pass all partitions
            SELECT c.oid FROM pg_class c WHERE c.oid = p_relation AND c.relkind = 'r'
             UNION
            SELECT i.inhparent FROM above a JOIN pg_inherits i ON i.inhrelid = a.oid)
        SELECT FROM above a WHERE a.oid = p_target.fact_table
    ) THEN
        RETURN true;
    ELSIF EXISTS (SELECT FROM pg_class c WHERE c.oid = p_target.fact_table) THEN
        RETURN false;
    END IF;
    RAISE EXCEPTION 'the table of target % is gone', p_target.target
        USING ERRCODE = 'object_not_in_prerequisite_state',
              DETAIL = 'It was dropped while the operation ran.',
              HINT = 'Register the target anew and start again.';
END
$_is_part_of$;
COMMENT ON FUNCTION etl._is_part_of IS
    'Internal: whether a table still belongs to the fact table of a target.';
