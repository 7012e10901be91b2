CREATE OR REPLACE FUNCTION etl._start_correction(
    p_correction_id uuid,
    p_options       jsonb,
    p_reason        text
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_start_correction$
-- Checks options, session and target, and begins a correction, or finds the one of that id.
-- Returns its id. Raises ME001, ME003, ME004, ME008.
-- SECURITY DEFINER: operators have no rights on the tables.
DECLARE
    v_id     uuid := coalesce(p_correction_id, gen_random_uuid());
    r_target etl.correction_target;
BEGIN
    PERFORM etl._check_options(p_options);
    PERFORM etl._check_session((p_options ->> 'timeout')::interval);
    r_target := etl._require_target(p_options ->> 'target');
    PERFORM etl._require_preflight(r_target);
    IF etl._start_operation(v_id, 'correction', r_target.target, NULL, p_options, p_reason) THEN
        PERFORM etl._enter_phase(v_id, 'mapping', 0::smallint, 0, 0);
    END IF;
    RETURN v_id;
END
$_start_correction$;
COMMENT ON FUNCTION etl._start_correction IS
    'Internal: begins a correction.';
