CREATE OR REPLACE FUNCTION etl.bootstrap_status()
RETURNS TABLE (
    component text, table_name text, expected bigint, present bigint, missing bigint,
    customised bigint, last_bootstrap timestamptz, last_bootstrap_id uuid, is_complete boolean,
    detail text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $bootstrap_status$
-- How each component of the reference data stands in the platform's tables.
-- SECURITY DEFINER: readers have no rights on the tables.
-- To compile its queries would take longer than they do.
DECLARE
    r_component record;
BEGIN
    FOR r_component IN
        SELECT c.component AS name, c.entity
          FROM etl._reference_components() c
         ORDER BY c.ordinal
    LOOP
        component := r_component.name;
        table_name := etl._find_table(r_component.name)::text;
        expected := (SELECT count(*) FROM etl._reference_items(r_component.name));
        detail := NULL;
        SELECT h.finished_at, h.execution_id INTO last_bootstrap, last_bootstrap_id
          FROM public.etl_execution_history h
         WHERE h.operation = 'bootstrap' AND NOT h.dry_run
           AND h.status IN ('completed', 'completed_with_errors', 'partially_rolled_back')
           AND h.parameters -> 'components' ? r_component.name
         ORDER BY h.finished_at DESC LIMIT 1;
        BEGIN
            SELECT count(c.key), count(*) FILTER (WHERE c.key IS NULL),
                   count(*) FILTER (WHERE c.differing <> '{}')
              INTO present, missing, customised
              FROM etl._compare_reference(r_component.name) c;
        EXCEPTION WHEN SQLSTATE 'ME004' THEN
            present := 0;
            missing := expected;
            customised := 0;
            detail := SQLERRM;
        END;
        is_complete := missing = 0;
        RETURN NEXT;
    END LOOP;
END
$bootstrap_status$;
COMMENT ON FUNCTION etl.bootstrap_status IS $comment$
Shows for each component of the reference data how many of its rows are in the platform's tables.
It returns the table, how many rows are expected, present, missing, and present but different
(customised), the last bootstrap that was not undone, and whether all are there.
$comment$;
