CREATE OR REPLACE FUNCTION etl._check_components(p_components text[]) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_check_components$
-- The components asked for, in order of dependency; NULL: all.
-- Raises ME003.
DECLARE
    v_known   text[] := ARRAY(SELECT c.component
                                FROM etl._reference_components() c ORDER BY c.ordinal);
    v_unknown text[] := ARRAY(SELECT c.name FROM unnest(p_components) AS c (name)
                               WHERE c.name IS NULL OR c.name <> ALL (v_known));
BEGIN
    IF v_unknown <> '{}' OR cardinality(p_components) = 0 THEN
        RAISE EXCEPTION 'there is no such component of the reference data'
            USING ERRCODE = 'ME003',
                  DETAIL = format('components => %L was given.', p_components),
                  HINT = format('Components: %s. Leave the option out for all of them.',
                                array_to_string(v_known, ', '));
    END IF;
    RETURN ARRAY(SELECT c.component FROM etl._reference_components() c
                  WHERE p_components IS NULL OR c.component = ANY (p_components)
                  ORDER BY c.ordinal);
END
$_check_components$;
COMMENT ON FUNCTION etl._check_components IS
    'Internal: raises ME003 for an unknown component of the reference data.';
