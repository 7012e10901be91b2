CREATE OR REPLACE FUNCTION etl._plain(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_plain$
-- Letters and digits only, in lower case: Pre-Market, PRE_MARKET and PreMarket are the same.
SELECT regexp_replace(lower(p_text), '[^a-z0-9]', '', 'g')
$_plain$;
COMMENT ON FUNCTION etl._plain IS
    'Internal: a name without case and signs.';
