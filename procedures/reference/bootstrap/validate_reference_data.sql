CREATE OR REPLACE FUNCTION etl.validate_reference_data()
RETURNS TABLE (component text, issue text, item text, description text, severity text, hint text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $validate_reference_data$
-- What is wrong with the platform's reference data; no row: nothing. Never raises for it: what
-- cannot be read is a finding.
-- SECURITY DEFINER: readers have no rights on the tables.
-- To compile its queries would take longer than they do.
DECLARE
    v_usable  text[] := ARRAY[]::text[];
    v_message text;
    v_hint    text;
    r_component record;
BEGIN
    FOR r_component IN SELECT c.component FROM etl._reference_components() c ORDER BY c.ordinal LOOP
        BEGIN
            PERFORM etl._check_reference_table(r_component.component);
            v_usable := v_usable || r_component.component;
        EXCEPTION WHEN SQLSTATE 'ME004' OR SQLSTATE 'ME008' THEN
            GET STACKED DIAGNOSTICS v_message = MESSAGE_TEXT, v_hint = PG_EXCEPTION_HINT;
            RETURN QUERY SELECT r_component.component, 'unusable_table', NULL::text, v_message,
                                'error', v_hint;
        END;
    END LOOP;

    FOR r_component IN SELECT c.name FROM unnest(v_usable) AS c (name) LOOP
        RETURN QUERY
        SELECT r_component.name, 'missing_item', c.item,
               'This row of the reference data is not there.', 'warning',
               format('CALL etl.bootstrap_reference_data(components => %L);',
                      ARRAY[r_component.name])
          FROM etl._compare_reference(r_component.name) c
         WHERE c.key IS NULL;
    END LOOP;

    IF 'asset_classes' = ANY (v_usable) AND 'markets' = ANY (v_usable) THEN
        RETURN QUERY SELECT 'markets', f.* FROM etl._orphans('market', 'asset_class_id') f;
    END IF;
    IF 'markets' <> ALL (v_usable) THEN
        RETURN;
    END IF;
    IF 'data_providers' = ANY (v_usable) THEN
        RETURN QUERY SELECT 'data_providers', f.* FROM etl._orphans('data_provider', 'market_id') f;
    END IF;
    RETURN QUERY
    SELECT 'markets', 'unknown_time_zone', r.fields ->> 'code',
           format('Time zone %s is not one of pg_timezone_names.',
                  coalesce(quote_literal(r.fields ->> 'time_zone'), 'NULL')),
           'error', 'Give it an IANA name, such as America/New_York.'
      FROM etl._platform_rows('market') r
     WHERE r.fields ? 'time_zone'
       AND NOT EXISTS (SELECT FROM pg_timezone_names z
                        WHERE lower(z.name) = lower(btrim(r.fields ->> 'time_zone')));
    IF 'trading_sessions' = ANY (v_usable) THEN
        RETURN QUERY SELECT 'trading_sessions', f.* FROM etl._session_findings() f;
    END IF;
END
$validate_reference_data$;
COMMENT ON FUNCTION etl.validate_reference_data IS $comment$
Lists what is wrong with the asset classes, markets, trading sessions and data providers.
issue is unusable_table, missing_item, orphaned (refers to a row that is not there, or to none),
unknown_time_zone, unreadable or overlapping sessions, or without_sessions (a market without any).
No row means that nothing is wrong.
$comment$;
