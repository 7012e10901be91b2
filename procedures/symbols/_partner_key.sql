CREATE OR REPLACE FUNCTION etl._partner_key(p_ticker text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_partner_key$
-- etl._partner_keys for a single ticker; call that one for many.
SELECT k.partner_key FROM etl._partner_keys(ARRAY[p_ticker]) k
$_partner_key$;
COMMENT ON FUNCTION etl._partner_key(text) IS
    'Internal: the key under which a ticker and its likely partners are equal.';
