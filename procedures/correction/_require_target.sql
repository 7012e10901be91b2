CREATE OR REPLACE FUNCTION etl._require_target(p_target text) RETURNS etl.correction_target
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_require_target$
-- The registered target, as it was registered. market_data registers itself at its first use.
-- Raises ME004: not registered, its table dropped, or a column renamed, dropped or of another type.
DECLARE
    r_target  etl.correction_target;
    v_now     jsonb;
    v_changes text;
BEGIN
    IF NOT etl._find_target(p_target) AND NOT EXISTS (SELECT FROM etl.correction_target t WHERE t.target = p_target) THEN
        RAISE EXCEPTION 'target % is not registered', coalesce(p_target, 'NULL')
            USING ERRCODE = 'ME004',
                  DETAIL = coalesce((SELECT format('Registered: %s.', string_agg(t.target, ', ' ORDER BY t.target))
                                       FROM etl.correction_target t), 'No target is registered.'),
                  HINT = 'CALL etl.register_target(target => ''bars'', fact_table => ''public.bars'', dimension_table => ''public.symbols'');';
    END IF;
    SELECT t.* INTO r_target FROM etl.correction_target t WHERE t.target = p_target;

    v_now := etl._column_types(r_target.fact_table, ARRAY(SELECT jsonb_object_keys(r_target.column_types)));
    IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = r_target.fact_table)
       OR NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = r_target.dimension_table) THEN
        v_changes := 'a table was dropped';
    ELSE
        SELECT string_agg(format('%I was %s and is %s', r.column_name, r.type, coalesce(v_now ->> r.column_name, 'gone')), '; ')
          INTO v_changes
          FROM jsonb_each_text(r_target.column_types) AS r (column_name, type)
         WHERE v_now ->> r.column_name IS DISTINCT FROM r.type;
    END IF;
    IF v_changes IS NOT NULL THEN
        RAISE EXCEPTION 'target % is not as it was registered', p_target
            USING ERRCODE = 'ME004',
                  DETAIL = format('Table %s: %s.', r_target.fact_table, v_changes),
                  HINT = 'Register it anew: CALL etl.register_target(..., replace => true);';
    END IF;
    RETURN r_target;
END
$_require_target$;
COMMENT ON FUNCTION etl._require_target(text) IS
    'Internal: a registered target, checked against its tables.';
