CREATE OR REPLACE FUNCTION etl._symbol_issues(p_target etl.correction_target, p_recent interval)
RETURNS TABLE (
    symbol_key jsonb, ticker text, venue text, fields jsonb, issue_type text, description text,
    fix jsonb, action text, classification jsonb
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_symbol_issues$
-- What is wrong with the platform's symbols, one row for each issue.
-- fix: field -> value where a change is safe: it takes no symbol from its bars, overwrites nothing
-- that somebody has decided, and collides with no other row. NULL: somebody has to decide, and
-- action says about what.
-- classification: what is put on record where the fix is a class that a rule gave.
-- p_recent: how new the bars of an inactive symbol are that make it a finding.
-- Tables: reads symbols, and the fact table by one probe per ticker where an index allows it.
-- Every name in the statement is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    r_symbols record;
    v_traded  text[];
    v_known   text[] := p_target.known_values || ARRAY(
        SELECT r.asset_class FROM etl.asset_class_rule r WHERE r.asset_class <> 'UNKNOWN'
        UNION
        SELECT l.code FROM etl._symbol_links('asset_class_id') l WHERE l.code <> 'UNKNOWN');
    v_unfixed constant text := 'the table has no column is_active: decide by hand';
BEGIN
    SELECT array_agg(s.key ORDER BY s.fields ->> 'ticker', s.key) AS keys,
           array_agg(s.fields ->> 'ticker' ORDER BY s.fields ->> 'ticker', s.key) AS tickers,
           array_agg(s.fields ->> 'venue' ORDER BY s.fields ->> 'ticker', s.key) AS venues,
           array_agg(s.fields ORDER BY s.fields ->> 'ticker', s.key) AS fields
      INTO r_symbols
      FROM etl._platform_rows('symbol') s;
    EXECUTE format('SELECT array_agg(t.ticker) FROM (%s) t', etl._tickers_query(p_target))
       INTO v_traded;

    RETURN QUERY
    WITH class_link AS MATERIALIZED (
        SELECT k.code, k.value FROM etl._symbol_links('asset_class_id') k
    ), traded AS MATERIALIZED (
        SELECT u.ticker FROM unnest(v_traded) AS u (ticker)
    ), listed AS MATERIALIZED (
        SELECT s.item, s.key, s.ticker, nullif(btrim(s.venue), '') AS venue, s.fields, c.normal,
               c.market_id,
               c.asset_class AS rule_class, c.base_currency, c.quote_currency, c.classification,
               etl._venue_key(s.venue) AS venue_key, u.ticker IS NOT NULL AS has_bars,
               coalesce(s.fields ->> 'is_active', 'true') NOT IN ('false', '0') AS is_active,
               nullif(nullif(upper(btrim(s.fields ->> 'asset_class')), ''),
                      'UNKNOWN') AS text_class,
               nullif(a.code, 'UNKNOWN') AS linked_class
          FROM unnest(r_symbols.keys, r_symbols.tickers, r_symbols.venues, r_symbols.fields)
               WITH ORDINALITY AS s (key, ticker, venue, fields, item)
          JOIN etl._classified_listings(r_symbols.tickers, r_symbols.venues) c ON c.item = s.item
          LEFT JOIN traded u ON u.ticker = s.ticker
          LEFT JOIN class_link a ON a.value = s.fields -> 'asset_class_id'
    ), symbol AS MATERIALIZED (
        SELECT l.*, coalesce(l.text_class, l.linked_class) AS own_class,
               row_number() OVER ranked AS place,
               first_value(l.ticker) OVER ranked AS kept_ticker,
               first_value(l.key) OVER ranked AS kept_key,
               min(coalesce(l.text_class, l.linked_class)) OVER same_listing
                   IS NOT DISTINCT FROM
                   max(coalesce(l.text_class, l.linked_class)) OVER same_listing AS classes_agree,
               -- Whether the usual form is in use, at this venue or where either venue is not
               -- known.
               bool_or(l.ticker = l.normal) OVER same_listing
                   OR bool_or(l.ticker = l.normal AND (l.venue_key IS NULL)) OVER same_ticker
                   OR l.venue_key IS NULL
                      AND bool_or(l.ticker = l.normal) OVER same_ticker AS is_taken,
               b.last_bar
          FROM listed l
          LEFT JOIN etl._ticker_bars(
                        p_target,
                        ARRAY(SELECT i.ticker FROM listed i WHERE NOT i.is_active AND i.has_bars),
                        false, true) b
                 ON b.ticker = l.ticker AND NOT l.is_active
        WINDOW same_ticker AS (PARTITION BY l.normal),
               same_listing AS (PARTITION BY l.normal, l.venue_key),
               ranked AS (PARTITION BY l.normal, l.venue_key
                          ORDER BY l.is_active DESC, l.ticker = l.normal DESC, l.has_bars DESC,
                                   coalesce(l.text_class, l.linked_class) IS NULL, l.item)
    )
    SELECT s.key, s.ticker, s.venue, s.fields, i.issue_type, i.description,
           CASE WHEN i.fix <> '{}' THEN jsonb_strip_nulls(i.fix) END, i.action,
           CASE WHEN i.issue_type = 'missing_class'
                     AND s.own_class IS NULL THEN s.classification END
      FROM symbol s
     CROSS JOIN LATERAL (
         SELECT s.normal IS NULL OR char_length(s.normal) > 60 OR s.normal !~ '[[:alnum:]]'
                OR s.normal ~ '[][[:cntrl:]<>"\\;,(){}|?%~`]' AS is_malformed,
                s.fields ? 'is_active' AS can_deactivate
     ) m
     CROSS JOIN LATERAL (
         SELECT 1 AS rank, 'malformed_ticker' AS issue_type,
                CASE WHEN s.normal IS NULL THEN 'the ticker is blank'
                     ELSE format('%L cannot be a ticker', s.ticker) END AS description,
                CASE WHEN s.is_active AND m.can_deactivate
                     THEN '{"is_active": false}'::jsonb END AS fix,
                CASE WHEN NOT s.is_active THEN 'it is inactive already'
                     WHEN m.can_deactivate THEN 'deactivate it' ELSE v_unfixed END AS action
          WHERE m.is_malformed
         UNION ALL
         SELECT 2, 'ticker_form', format('%L is usually written %s', s.ticker, s.normal),
                CASE WHEN NOT s.has_bars AND NOT s.is_taken AND s.place = 1
                     THEN jsonb_build_object('ticker', s.normal) END,
                CASE WHEN s.has_bars
                     THEN 'left alone: its bars are written like this, correct them first'
                     WHEN s.is_taken OR s.place > 1
                     THEN format('left alone: %s is a symbol already', s.normal)
                     ELSE format('rename it %s', s.normal) END
          WHERE NOT m.is_malformed AND s.ticker <> s.normal
         UNION ALL
         SELECT 3, 'duplicate',
                format('%L is at %s already, as %L (key %s)',
                       s.ticker, coalesce(s.venue, 'no venue'), s.kept_ticker, s.kept_key),
                CASE WHEN s.classes_agree AND m.can_deactivate
                     THEN '{"is_active": false}'::jsonb END,
                CASE WHEN NOT s.classes_agree
                     THEN 'left alone: their classes differ, decide which is right'
                     WHEN m.can_deactivate THEN 'deactivate it, the other stays' ELSE v_unfixed END
          WHERE NOT m.is_malformed AND s.place > 1 AND s.is_active
         UNION ALL
         SELECT 4, 'missing_class',
                CASE WHEN s.own_class IS NULL THEN 'it has no asset class'
                     ELSE format('it is %s, but not in each of its columns', s.own_class) END,
                f.fix,
                CASE WHEN f.fix IS NOT NULL
                     THEN format('fill in %s: %s', coalesce(s.own_class, s.rule_class),
                                 CASE WHEN s.own_class IS NULL THEN s.classification ->> 'reason'
                                      ELSE 'as its other column says' END)
                     WHEN coalesce(s.own_class, s.rule_class) IS NULL
                     THEN format('review it: %s', s.classification ->> 'reason')
                     ELSE format('there is no asset class %s: CALL etl.bootstrap_reference_data();',
                                 coalesce(s.own_class, s.rule_class)) END
           FROM (SELECT jsonb_object_agg(x.field, x.value) AS fix
                   FROM (VALUES ('asset_class', to_jsonb(coalesce(s.own_class, s.rule_class)),
                                 s.text_class),
                                ('asset_class_id',
                                 (SELECT r.value FROM class_link r
                                   WHERE r.code = coalesce(s.own_class, s.rule_class)),
                                 s.linked_class)
                        ) AS x (field, value, class)
                  WHERE s.fields ? x.field AND x.class IS NULL AND x.value IS NOT NULL) f
          WHERE (s.fields ? 'asset_class' AND s.text_class IS NULL)
             OR (s.fields ? 'asset_class_id' AND s.linked_class IS NULL
                 AND coalesce(s.text_class = ANY (v_known), true))
         UNION ALL
         SELECT 5, 'unknown_class',
                format('%L is no known asset class', s.fields ->> 'asset_class'),
                CASE WHEN s.text_class = ANY (v_known)
                     THEN jsonb_build_object('asset_class', s.text_class) END,
                CASE WHEN s.text_class = ANY (v_known) THEN format('write it %s', s.text_class)
                     WHEN s.rule_class IS NOT NULL
                     THEN format('decide: %s says %s', s.classification ->> 'rule', s.rule_class)
                     ELSE 'decide which class it is of' END
          WHERE s.text_class IS NOT NULL AND v_known IS NOT NULL
            AND s.fields ->> 'asset_class' <> ALL (v_known)
         UNION ALL
         SELECT 6, 'class_against_venue',
                format('%s at %s is %s, but %s',
                       s.ticker, s.venue, s.own_class, s.classification ->> 'reason'),
                NULL,
                format('decide: rule %s says %s', s.classification ->> 'rule', s.rule_class)
          WHERE s.venue_key IS NOT NULL AND s.own_class = ANY (v_known)
            AND s.rule_class <> s.own_class
            -- By venue and form alone a fund cannot be told from a share.
            AND NOT (s.own_class = 'ETF' AND s.rule_class IN ('STOCK', 'STOCK_BIST')
                     OR s.own_class = 'STOCK' AND s.rule_class = 'ETF')
         UNION ALL
         SELECT 7, 'missing_market',
                CASE WHEN s.venue IS NULL THEN 'it has no venue'
                     ELSE format('%s is not linked to a market', s.venue) END,
                CASE WHEN s.market_id IS NOT NULL AND s.fields ? 'market_id'
                     THEN jsonb_build_object('market_id', s.market_id) END,
                CASE WHEN s.market_id IS NOT NULL AND s.fields ? 'market_id' THEN 'link it'
                     WHEN s.venue IS NULL THEN 'say where it is traded'
                     ELSE format('there is no market %s: add it, or correct the venue', s.venue) END
          WHERE CASE WHEN s.fields ? 'market_id' THEN s.fields ->> 'market_id' IS NULL
                     ELSE s.fields ? 'venue' AND s.venue IS NULL END
         UNION ALL
         SELECT 8, 'active_without_bars', 'it is active and no bar refers to it', NULL,
                'deactivate it, unless bars are to come'
          WHERE s.is_active AND NOT s.has_bars
         UNION ALL
         SELECT 9, 'inactive_with_recent_bars',
                format('it is inactive, and its newest bar is of %s', s.last_bar), NULL,
                CASE WHEN s.own_class IS NULL THEN 'review its class, then activate it'
                     ELSE 'activate it, or stop its feed' END
          WHERE NOT s.is_active AND s.last_bar >= clock_timestamp() - p_recent
     ) i
     ORDER BY s.item, i.rank;
END
$_symbol_issues$;
COMMENT ON FUNCTION etl._symbol_issues IS
    'Internal: what is wrong with the platform''s symbols, and what of it can be fixed safely.';
