CREATE OR REPLACE FUNCTION etl._partner_keys(
    p_tickers text[],
    OUT item        integer,
    OUT partner_key text
) RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_partner_keys$
-- For each ticker a key that tickers share which probably mean the same: without venue, marks and
-- separators, and with the usual codes (XBTUSD: BTCUSD). item is the place in the array. Likely is
-- not certain: good for a proposal, not for a link.
WITH bare AS (
    SELECT l.item,
           CASE WHEN l.body ~ '^[A-Z]{3}=X$' THEN 'USD' || left(l.body, 3)
                WHEN l.body ~ '^[A-Z]{6}=X$' THEN left(l.body, 6)
                WHEN l.body ~ '^XXBTZ[A-Z]{3}$|^XETHZ[A-Z]{3}$'
                THEN substring(l.body, 2, 3) || right(l.body, 3)
                WHEN l.body ~ '^[A-Z]{1,5}(\^|[-./ ]PR?[-./ ]?)[A-Z]?$'
                THEN regexp_replace(l.body, '(\^|[-./ ]PR?[-./ ]?)([A-Z]?)$', 'P\2')
                ELSE regexp_replace(l.body, '[-/_:. ]', '', 'g') END AS code
      FROM etl._parse_listings(p_tickers, NULL) l
)
SELECT b.item,
       coalesce((SELECT a.alias_of || substr(b.code, char_length(a.code) + 1)
                   FROM etl.currency_code a
                  WHERE a.alias_of IS NOT NULL AND a.is_enabled
                    AND starts_with(b.code, a.code)
                    AND char_length(b.code) - char_length(a.code) >= 3
                  ORDER BY char_length(a.code) DESC, a.code, a.alias_of LIMIT 1), b.code)
  FROM bare b
$_partner_keys$;
COMMENT ON FUNCTION etl._partner_keys IS
    'Internal: keys under which tickers that probably mean the same are equal.';
