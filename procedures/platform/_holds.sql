CREATE OR REPLACE FUNCTION etl._holds(p_row jsonb, p_values jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $_holds$
-- Whether a row has exactly these values in these columns. Not @>, which takes ["a", "b"] to
-- contain ["b"].
SELECT NOT EXISTS (SELECT FROM jsonb_each(p_values) v WHERE p_row -> v.key IS DISTINCT FROM v.value)
$_holds$;
COMMENT ON FUNCTION etl._holds IS
    'Internal: whether a row has these values.';
