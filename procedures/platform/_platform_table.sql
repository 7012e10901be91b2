CREATE OR REPLACE FUNCTION etl._platform_table(p_entity text) RETURNS regclass
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_platform_table$
-- The platform's table of symbols, asset classes, markets, trading sessions or data providers.
-- Symbols are those that the corrections of market_data look at.
-- Raises ME004: there is none, or it has no key or lacks what identifies a row.
DECLARE
    v_name     text := CASE p_entity WHEN 'asset_class' THEN 'asset_classes'
                                     ELSE p_entity || 's' END;
    v_relation regclass;
BEGIN
    IF p_entity = 'symbol' THEN
        SELECT t.dimension_table INTO v_relation
          FROM etl.correction_target t
          JOIN pg_class c ON c.oid = t.dimension_table AND c.relkind IN ('r', 'p')
         WHERE t.target = 'market_data';
    END IF;
    v_relation := coalesce(v_relation, etl._find_table(v_name));
    IF v_relation IS NULL THEN
        RAISE EXCEPTION 'there is no table %', v_name
            USING ERRCODE = 'ME004',
                  DETAIL = 'No table of that name was found, or several in different schemas.',
                  HINT = 'Create the platform''s tables that are missing: '
                         'CALL etl.create_platform_tables();';
    ELSIF etl._key_columns(v_relation) IS NULL THEN
        RAISE EXCEPTION 'table % has no key', v_relation
            USING ERRCODE = 'ME004',
                  DETAIL = 'It has neither a primary key nor a unique index over NOT NULL columns; '
                           'its changes could not be undone.',
                  HINT = format('ALTER TABLE %s ADD PRIMARY KEY (...);', v_relation);
    ELSIF NOT EXISTS (SELECT FROM etl._platform_columns(p_entity, v_relation) c
                       WHERE c.is_identity) THEN
        RAISE EXCEPTION 'table % lacks the columns that identify its rows', v_relation
            USING ERRCODE = 'ME004',
                  DETAIL = (SELECT format('None of these was found: %s.',
                                          string_agg(f.names[1], ', '))
                              FROM etl._platform_fields() f
                             WHERE f.entity = p_entity AND f.is_identity),
                  HINT = 'Case and underscores do not matter. Rename the column, or add it.';
    END IF;
    RETURN v_relation;
END
$_platform_table$;
COMMENT ON FUNCTION etl._platform_table IS
    'Internal: a table of the platform; raises ME004 where there is none.';
