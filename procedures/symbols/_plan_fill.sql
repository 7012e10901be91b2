CREATE OR REPLACE FUNCTION etl._plan_fill(
    p_history public.etl_execution_history,
    p_pass    smallint,
    p_after   bigint,
    p_classes text[],
    p_venues  text[]
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_plan_fill$
-- Plans to fill what is empty in symbols that are there: class, links and currencies. The class
-- that a symbol states wins over that of the rules.
-- p_after: highest position in etl.row_plan that the pass already uses.
-- p_classes, p_venues: filters, '{}': all.
-- Returns how many rows are planned.
-- Tables: writes etl.row_plan.
DECLARE
    r_table   record;
    r_symbols record;
    v_planned bigint;
BEGIN
    SELECT t.* INTO r_table FROM etl._symbol_table() t;
    SELECT array_agg(s.key ORDER BY s.fields ->> 'ticker', s.key) AS keys,
           array_agg(s.fields ->> 'ticker' ORDER BY s.fields ->> 'ticker', s.key) AS tickers,
           array_agg(s.fields ->> 'venue' ORDER BY s.fields ->> 'ticker', s.key) AS venues,
           array_agg(s.fields ORDER BY s.fields ->> 'ticker', s.key) AS fields
      INTO r_symbols
      FROM etl._platform_rows('symbol') s
     WHERE s.fields ->> 'ticker' IS NOT NULL
       AND EXISTS (SELECT FROM unnest(ARRAY['asset_class', 'asset_class_id', 'market_id',
                                            'base_currency', 'quote_currency']) AS f (field)
                    WHERE s.fields ? f.field
                      AND upper(coalesce(btrim(s.fields ->> f.field), '')) IN ('', 'UNKNOWN'));
    WITH class_link AS MATERIALIZED (
        SELECT k.code, k.value FROM etl._symbol_links('asset_class_id') k
    ), symbol AS (
        SELECT c.item, s.key, s.fields, c.asset_class AS rule_class, c.market_id, c.base_currency,
               c.quote_currency, c.venue_keys, c.classification,
               -- Its own class, or that of the asset class it refers to.
               coalesce(nullif(nullif(upper(btrim(s.fields ->> 'asset_class')), ''), 'UNKNOWN'),
                        (SELECT nullif(a.code, 'UNKNOWN')
                           FROM class_link a
                          WHERE a.value = s.fields -> 'asset_class_id')) AS own_class
          FROM unnest(r_symbols.keys, r_symbols.tickers, r_symbols.venues, r_symbols.fields)
               WITH ORDINALITY AS s (key, ticker, venue, fields, item)
          JOIN etl._classified_listings(r_symbols.tickers, r_symbols.venues) c ON c.item = s.item
    ), filled AS (
        SELECT s.item, s.key, s.fields, s.own_class, s.classification,
               (SELECT jsonb_object_agg(f.field, f.value)
                  FROM (VALUES ('asset_class', to_jsonb(coalesce(s.own_class, s.rule_class))),
                               ('asset_class_id',
                                (SELECT a.value FROM class_link a
                                  WHERE a.code = coalesce(s.own_class, s.rule_class))),
                               ('market_id', s.market_id),
                               ('base_currency',
                                to_jsonb(CASE WHEN s.rule_class
                                                   = coalesce(s.own_class, s.rule_class)
                                              THEN s.base_currency END)),
                               ('quote_currency',
                                to_jsonb(CASE WHEN s.rule_class
                                                   = coalesce(s.own_class, s.rule_class)
                                              THEN s.quote_currency END))
                       ) AS f (field, value)
                 WHERE f.value IS NOT NULL AND s.fields ? f.field
                   AND upper(coalesce(btrim(s.fields ->> f.field), ''))
                       IN ('', 'UNKNOWN')) AS values
          FROM symbol s
         WHERE (p_classes = '{}'
                OR coalesce(s.own_class, s.rule_class, 'UNKNOWN') = ANY (p_classes))
           AND (p_venues = '{}' OR s.venue_keys && p_venues)
    )
    INSERT INTO etl.row_plan (execution_id, pass, position, entity, action, key, fields, condition)
    SELECT p_history.execution_id, p_pass, p_after + row_number() OVER (ORDER BY f.item), 'symbol',
           'update', f.key,
           f.values || CASE WHEN f.own_class IS NULL
                                 AND f.values ?| ARRAY['asset_class', 'asset_class_id']
                            THEN jsonb_build_object('classification',
                                     f.classification || jsonb_build_object(
                                         'ticker', f.fields ->> 'ticker',
                                         'venue', f.fields ->> 'venue'))
                            ELSE '{}' END,
           (SELECT jsonb_object_agg(r_table.columns ->> v.field, f.fields -> v.field)
              FROM jsonb_object_keys(f.values) AS v (field))
      FROM filled f
     WHERE f.values IS NOT NULL;
    GET DIAGNOSTICS v_planned = ROW_COUNT;
    RETURN v_planned;
END
$_plan_fill$;
COMMENT ON FUNCTION etl._plan_fill IS
    'Internal: plans to fill what is empty in symbols.';
