CREATE OR REPLACE FUNCTION etl._start_bootstrap(
    p_bootstrap_id uuid,
    p_options      jsonb,
    p_reason       text
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_start_bootstrap$
-- Begins to put the reference data into the platform's tables, or finds the operation of that id.
-- p_options: overwrite_existing, components, dry_run, timeout.
-- Returns the id of the operation.
-- Raises ME001, ME003, ME004, ME008.
-- SECURITY DEFINER: operators have no rights on the tables.
DECLARE
    v_id         uuid := coalesce(p_bootstrap_id, gen_random_uuid());
    v_components text[];
BEGIN
    PERFORM etl._check_options(p_options - 'components'::text);
    PERFORM etl._check_session((p_options ->> 'timeout')::interval);
    v_components := etl._check_components(
        CASE WHEN p_options -> 'components' <> 'null'
             THEN ARRAY(SELECT c.name
                          FROM jsonb_array_elements_text(
                                   p_options -> 'components') AS c (name)) END);
    PERFORM etl._check_reference_table(c.name) FROM unnest(v_components) AS c (name);
    IF etl._start_operation(v_id, 'bootstrap', 'reference_data', NULL,
            p_options || jsonb_build_object('components', v_components), p_reason) THEN
        PERFORM etl._plan_bootstrap_pass(h, 1::smallint)
           FROM public.etl_execution_history h
          WHERE h.execution_id = v_id;
    END IF;
    RETURN v_id;
END
$_start_bootstrap$;
COMMENT ON FUNCTION etl._start_bootstrap IS
    'Internal: begins to put the reference data into the platform''s tables.';
