CREATE OR REPLACE FUNCTION etl._register_target(
    p_target                  text,
    p_fact_table              regclass,
    p_key_columns             text[],
    p_match_column            text,
    p_value_column            text,
    p_touch_column            text,
    p_dimension_table         regclass,
    p_dimension_match_column  text,
    p_dimension_value_column  text,
    p_dimension_venue_column  text,
    p_dimension_active_column text,
    p_known_values            text[],
    p_replace                 boolean
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_register_target$
-- What CALL etl.register_target() does.
-- Raises ME001, ME003, ME004, 42501.
-- SECURITY DEFINER: it writes etl.correction_target; therefore it asks that whoever calls could
-- change the table by hand: no table is opened by registering it.
DECLARE
    v_key       text[] := coalesce(p_key_columns, etl._key_columns(p_fact_table));
    v_dimension regclass := coalesce(p_dimension_table, etl._find_table('symbols'));
BEGIN
    IF p_target IS NULL OR p_target = '' OR p_fact_table IS NULL OR v_dimension IS NULL THEN
        RAISE EXCEPTION 'a target needs a name, a fact table and a dimension table'
            USING ERRCODE = 'ME003',
                  DETAIL = format('target %L, fact_table %L, dimension_table %L were given.',
                                  p_target, p_fact_table, v_dimension),
                  HINT = 'CALL etl.register_target(target => ''bars'', '
                         'fact_table => ''public.bars'', dimension_table => ''public.symbols'');';
    END IF;
    IF EXISTS (SELECT FROM etl.correction_target t WHERE t.target = p_target) AND NOT p_replace THEN
        RAISE EXCEPTION 'target % is registered already', p_target
            USING ERRCODE = 'ME003',
                  DETAIL = (SELECT format('It maps %s.%I.', t.fact_table, t.value_column)
                              FROM etl.correction_target t WHERE t.target = p_target),
                  HINT = 'Give replace => true to register it anew.';
    END IF;
    IF NOT has_table_privilege(session_user, p_fact_table, 'UPDATE')
       OR NOT has_table_privilege(session_user, v_dimension, 'SELECT') THEN
        RAISE EXCEPTION 'permission denied to register target %', p_target
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('%s may not update %s or not read %s.',
                                  session_user, p_fact_table, v_dimension),
                  HINT = 'A target can be registered by who could correct it by hand.';
    END IF;
    IF v_key IS NULL THEN
        RAISE EXCEPTION 'table % has no key', p_fact_table
            USING ERRCODE = 'ME004',
                  DETAIL = 'It has neither a primary key nor a unique index over NOT NULL columns.',
                  HINT = 'Name the columns that identify a row: '
                         'key_columns => ARRAY[''symbol'', ''timestamp''].';
    END IF;
    PERFORM etl._claim_target(p_target, gen_random_uuid());
    PERFORM etl._write_target(
        p_target, p_fact_table, v_key, p_match_column, p_value_column,
        coalesce(p_touch_column, etl._find_touch_column(p_fact_table, v_key)),
        v_dimension, p_dimension_match_column, coalesce(p_dimension_value_column, p_value_column),
        p_dimension_venue_column, p_dimension_active_column, p_known_values);
END
$_register_target$;
COMMENT ON FUNCTION etl._register_target IS
    'Internal: what etl.register_target() does.';
