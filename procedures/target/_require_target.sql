CREATE OR REPLACE FUNCTION etl._require_target(
    p_target         text,
    p_asks_dimension boolean DEFAULT true
) RETURNS etl.correction_target
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_require_target$
-- The registered target, as it was registered. market_data registers itself at its first use.
-- p_asks_dimension: false where nothing is going to be looked up in the dimension table: an undo
-- needs none.
-- Raises ME004: not registered, a table dropped, or a column renamed, dropped or of another type.
DECLARE
    r_target  etl.correction_target;
    v_now     jsonb;
    v_changes text;
    v_dimension_columns text[];
BEGIN
    IF NOT etl._find_target(p_target)
       AND NOT EXISTS (SELECT FROM etl.correction_target t WHERE t.target = p_target) THEN
        RAISE EXCEPTION 'target % is not registered', coalesce(p_target, 'NULL')
            USING ERRCODE = 'ME004',
                  DETAIL = coalesce((SELECT format('Registered: %s.',
                                                   string_agg(t.target, ', ' ORDER BY t.target))
                                       FROM etl.correction_target t), 'No target is registered.'),
                  HINT = 'CALL etl.register_target(target => ''bars'', '
                         'fact_table => ''public.bars'', dimension_table => ''public.symbols'');';
    END IF;
    SELECT t.* INTO r_target FROM etl.correction_target t WHERE t.target = p_target;

    v_now := etl._column_types(r_target.fact_table,
                               ARRAY(SELECT jsonb_object_keys(r_target.column_types)));
    v_dimension_columns := array_remove(
        ARRAY[r_target.dimension_match_column, r_target.dimension_value_column,
              r_target.dimension_venue_column, r_target.dimension_active_column], NULL);
    IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = r_target.fact_table) THEN
        v_changes := format('the fact table of target %s was dropped', p_target);
    ELSE
        SELECT string_agg(format('%s.%I was %s and is %s', r_target.fact_table, r.column_name,
                                 r.type, coalesce(v_now ->> r.column_name, 'gone')), '; ')
          INTO v_changes
          FROM jsonb_each_text(r_target.column_types) AS r (column_name, type)
         WHERE v_now ->> r.column_name IS DISTINCT FROM r.type;
    END IF;
    IF v_changes IS NULL AND p_asks_dimension THEN
        IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = r_target.dimension_table) THEN
            v_changes := format('the dimension table of target %s was dropped', p_target);
        ELSE
            SELECT string_agg(format('%s.%I is gone', r_target.dimension_table, d.name), '; ')
              INTO v_changes
              FROM unnest(v_dimension_columns) AS d (name)
             WHERE NOT etl._column_types(r_target.dimension_table, v_dimension_columns) ? d.name;
        END IF;
    END IF;
    IF v_changes IS NOT NULL THEN
        RAISE EXCEPTION 'target % is not as it was registered', p_target
            USING ERRCODE = 'ME004',
                  DETAIL = format('What has changed: %s.', v_changes),
                  HINT = 'Register it anew: CALL etl.register_target(..., replace => true);';
    END IF;
    RETURN r_target;
END
$_require_target$;
COMMENT ON FUNCTION etl._require_target IS
    'Internal: a registered target, checked against its tables.';
