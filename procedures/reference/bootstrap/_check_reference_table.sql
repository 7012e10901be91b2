CREATE OR REPLACE FUNCTION etl._check_reference_table(p_component text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_check_reference_table$
-- Raises ME004 or ME008 where the platform's table of a component cannot hold its rows.
DECLARE
    v_entity   text := (SELECT c.entity
                          FROM etl._reference_components() c WHERE c.component = p_component);
    v_relation regclass := etl._platform_table(v_entity);
    v_missing  text;
    v_fields   text[];
BEGIN
    IF v_entity = 'trading_session' THEN
        SELECT string_agg(f.names[1], ', ') INTO v_missing
          FROM etl._platform_fields() f
         WHERE f.entity = v_entity
           AND f.field IN ('market_id', 'day_of_week', 'start_time', 'end_time')
           AND etl._platform_column(v_entity, v_relation, f.field) IS NULL
           AND (f.field <> 'market_id'
                OR etl._platform_column(v_entity, v_relation, 'market') IS NULL);
        IF v_missing IS NOT NULL THEN
            RAISE EXCEPTION 'table % lacks columns of trading sessions', v_relation
                USING ERRCODE = 'ME004',
                      DETAIL = format('Not found: %s.', v_missing),
                      HINT = 'Case and underscores do not matter. Rename the columns, or add them.';
        END IF;
    END IF;
    SELECT array_agg(DISTINCT f.field) INTO v_fields
      FROM etl._compare_reference(p_component) c
     CROSS JOIN LATERAL jsonb_object_keys(c.fields) AS f (field);
    PERFORM etl._insert_statement(v_entity, v_relation, v_fields);
END
$_check_reference_table$;
COMMENT ON FUNCTION etl._check_reference_table IS
    'Internal: raises ME004 or ME008 where a table cannot hold the reference data.';
