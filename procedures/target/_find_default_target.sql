CREATE OR REPLACE FUNCTION etl._find_default_target() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_find_default_target$
-- Registers market_data where such a table is found. One that cannot be corrected is no reason to
-- fail: whoever installs or creates tables is warned.
BEGIN
    PERFORM etl._find_target('market_data');
EXCEPTION WHEN SQLSTATE 'ME004' THEN
    RAISE WARNING 'target market_data was not registered: %', SQLERRM
        USING HINT = 'Register it by hand: CALL etl.register_target(...).';
END
$_find_default_target$;
COMMENT ON FUNCTION etl._find_default_target IS
    'Internal: registers target market_data where its tables are found, or warns.';
