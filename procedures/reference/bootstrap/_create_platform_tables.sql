CREATE OR REPLACE FUNCTION etl._create_platform_tables(p_schema text) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_create_platform_tables$
-- What etl.create_platform_tables() does.
-- Returns the tables that were created.
-- Locks: one advisory lock, so that two callers do not both find a table missing.
-- Raises ME003, 42501.
-- SECURITY DEFINER: the tables belong to the role that deployed, whose routines work on them;
-- whoever calls must be allowed to create tables in the schema by hand.
-- Every name in the statements is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_created    text[] := ARRAY[]::text[];
    v_definition text;
    v_table      text;
    v_extra      text;
    r_table      record;
    r_parent     record;
BEGIN
    IF to_regnamespace(quote_ident(p_schema)) IS NULL THEN
        RAISE EXCEPTION 'there is no schema %', coalesce(quote_ident(p_schema), 'NULL')
            USING ERRCODE = 'ME003',
                  DETAIL = format('schema => %L was given.', p_schema),
                  HINT = 'CREATE SCHEMA it first, or leave the option out for public.';
    ELSIF NOT has_schema_privilege(session_user, p_schema, 'CREATE') THEN
        RAISE EXCEPTION 'permission denied to create tables in schema %', quote_ident(p_schema)
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('%s has no right CREATE on it.', session_user),
                  HINT = 'The tables can be created by who could do it by hand.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('etl.create_platform_tables'));

    FOR r_table IN
        SELECT t.name
          FROM unnest(ARRAY['asset_classes', 'markets', 'trading_sessions', 'data_providers',
                            'symbols', 'market_data']) WITH ORDINALITY AS t (name, ordinal)
         WHERE NOT EXISTS (SELECT FROM etl._tables_named(t.name))
         ORDER BY t.ordinal
    LOOP
        v_definition := etl._table_definition_clause(r_table.name);
        FOR r_parent IN
            SELECT p.entity, etl._find_table(c.component) AS relation
              FROM unnest(ARRAY['asset_class', 'market']) AS p (entity)
              JOIN etl._reference_components() c ON c.entity = p.entity
             WHERE v_definition LIKE '%{' || p.entity || '}%'
        LOOP
            v_definition := replace(v_definition, '{' || r_parent.entity || '}', coalesce((
                SELECT format('%s REFERENCES %s (%I)', format_type(a.atttypid, a.atttypmod),
                              r_parent.relation, a.attname)
                  FROM pg_attribute a
                 WHERE a.attrelid = r_parent.relation
                   AND ARRAY[a.attname::text] = etl._key_columns(r_parent.relation)), 'integer'));
        END LOOP;
        v_table := format('%I.%I', p_schema, r_table.name);
        EXECUTE format('CREATE TABLE %s (%s)', v_table, v_definition);
        FOREACH v_extra IN ARRAY etl._table_extra_statements(r_table.name) LOOP
            EXECUTE format(v_extra, v_table);
        END LOOP;
        v_created := v_created || v_table;
    END LOOP;

    PERFORM etl._find_default_target();
    IF v_created <> '{}' THEN
        PERFORM etl._audit('create_platform_tables', NULL, 'reference_data', NULL, NULL,
                           jsonb_build_object('tables', v_created));
    END IF;
    RETURN v_created;
END
$_create_platform_tables$;
COMMENT ON FUNCTION etl._create_platform_tables IS
    'Internal: what etl.create_platform_tables() does.';
