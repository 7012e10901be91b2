CREATE OR REPLACE FUNCTION etl._reference_components(
    OUT component text,
    OUT entity    text,
    OUT ordinal   integer
) RETURNS SETOF record
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_reference_components$
-- The components of the reference data, each after those that its rows refer to.
VALUES
    ('asset_classes', 'asset_class', 1),
    ('markets', 'market', 2),
    ('trading_sessions', 'trading_session', 3),
    ('data_providers', 'data_provider', 4)
$_reference_components$;
COMMENT ON FUNCTION etl._reference_components IS
    'Internal: components of the reference data, in order of dependency.';
