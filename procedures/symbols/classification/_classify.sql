CREATE OR REPLACE FUNCTION etl._classify(p_tickers text[], p_venues text[] DEFAULT NULL)
RETURNS TABLE (
    item             integer,
    ticker           text,
    asset_class      text,
    rule             text,
    confidence       numeric,
    base_currency    text,
    quote_currency   text,
    venue            text,
    needs_review     boolean,
    needs_enrichment boolean,
    reason           text
)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_classify$
-- Classifies many tickers at once, p_venues[i] being the venue of p_tickers[i] or NULL. One row for
-- each, in no order; item is the place in the arrays. Raises nothing, whatever the texts.
--
-- PostgreSQL keeps 32 compiled regular expressions, and compiling one costs more than using it a
-- hundred times. A rule has up to three. So the rules are tried ten at a time on all tickers, the
-- first that matches stays, and what they capture is taken out rule by rule.
DECLARE
    c_at_once CONSTANT integer := 10;
    c_longest CONSTANT integer := 60;  -- characters; longer texts are no tickers
    v_rules      text[];
    v_patterns   text[];
    v_branches   text[];
    v_items      integer[];
    v_tickers    text[];
    v_bodies     text[];
    v_venues     text[];
    v_kinds      text[];
    v_currencies text[];
    v_conflicts  text[];
    v_decided    integer[];
BEGIN
    SELECT array_agg(l.item), array_agg(l.ticker), array_agg(l.body), array_agg(l.venue),
           array_agg(l.kind), array_agg(l.currency), array_agg(l.conflict)
      INTO v_items, v_tickers, v_bodies, v_venues, v_kinds, v_currencies, v_conflicts
      FROM etl._parse_listings(p_tickers, p_venues) l;

    SELECT array_agg(r.rule ORDER BY r.place), array_agg(r.pattern ORDER BY r.place),
           array_agg(format('WHEN %s%s%sl.body ~ %L THEN %s',
                            'l.kind = ANY (' || quote_literal(r.venue_kinds) || ') AND ',
                            'l.venue ~ ' || quote_literal(r.venue_pattern) || ' AND ',
                            'l.body ~ ' || quote_literal(r.form) || ' AND ',
                            r.pattern, r.place) ORDER BY r.place)
      INTO v_rules, v_patterns, v_branches
      FROM (SELECT a.rule, a.venue_kinds, a.venue_pattern, e.pattern, e.form,
                   row_number() OVER (ORDER BY a.priority, a.shipped IS NOT NULL,
                                               a.rule COLLATE "C") AS place
              FROM etl.asset_class_rule a
             CROSS JOIN LATERAL etl._expand_pattern(a.ticker_pattern) e
             WHERE a.is_enabled
               AND (a.venue_kinds IS NULL OR a.venue_kinds && v_kinds)) r;

    FOR v_first IN 1 .. coalesce(cardinality(v_rules), 0) BY c_at_once LOOP
        EXECUTE format(
            'SELECT array_agg(coalesce(l.decided, CASE %s END) ORDER BY l.number)
               FROM unnest($1, $2, $3, $4) WITH ORDINALITY l (body, kind, venue, decided, number)',
            array_to_string(format('WHEN char_length(l.body) > %s THEN NULL', c_longest)
                            || v_branches[v_first : v_first + c_at_once - 1], ' '))
           INTO v_decided
          USING v_bodies, v_kinds, v_venues, v_decided;
        EXIT WHEN array_position(v_decided, NULL) IS NULL;
    END LOOP;

    RETURN QUERY
    WITH listing AS MATERIALIZED (
        SELECT l.item, l.ticker, l.body, l.venue, l.kind, l.currency, l.conflict, l.decided,
               r.rule, r.asset_class, r.confidence, r.needs_enrichment, r.note,
               r.base_expression, r.quote_expression
          FROM unnest(v_items, v_tickers, v_bodies, v_venues, v_kinds, v_currencies, v_conflicts,
                      v_decided)
               l (item, ticker, body, venue, kind, currency, conflict, decided)
          LEFT JOIN etl.asset_class_rule r ON r.rule = v_rules[l.decided]
         ORDER BY l.decided
    ), captured AS MATERIALIZED (
        SELECT l.*,
               CASE WHEN l.base_expression LIKE '\\_' OR l.quote_expression LIKE '\\_'
                    THEN regexp_match(l.body, v_patterns[l.decided]) END AS parts
          FROM listing l
    ), pair AS (
        SELECT c.*,
               CASE WHEN c.base_expression LIKE '\\_'
                    THEN c.parts[right(c.base_expression, 1)::integer]
                    WHEN c.base_expression = '{currency}' THEN c.currency
                    ELSE c.base_expression END AS base,
               CASE WHEN c.quote_expression LIKE '\\_'
                    THEN c.parts[right(c.quote_expression, 1)::integer]
                    WHEN c.quote_expression = '{currency}' THEN c.currency
                    ELSE c.quote_expression END AS quote
          FROM captured c
    ), usual AS MATERIALIZED (
        SELECT DISTINCT ON (a.code) a.code, a.alias_of
          FROM etl.currency_code a
         WHERE a.alias_of IS NOT NULL AND a.is_enabled
         ORDER BY a.code, a.alias_of
    )
    SELECT p.item, p.ticker, coalesce(p.asset_class, 'UNKNOWN'), p.rule,
           coalesce(p.confidence, 0.00), coalesce(b.alias_of, p.base),
           coalesce(q.alias_of, p.quote), p.venue,
           p.rule IS NULL OR p.asset_class = 'UNKNOWN' OR p.confidence < 0.70,
           coalesce(p.needs_enrichment, char_length(p.body) <= c_longest, false),
           coalesce(p.note || CASE WHEN p.base IS NOT NULL AND p.quote IS NOT NULL
                                   THEN format(': %s against %s', coalesce(b.alias_of, p.base),
                                               coalesce(q.alias_of, p.quote))
                                   ELSE '' END,
                    CASE WHEN p.ticker IS NULL THEN 'the ticker is empty'
                         WHEN char_length(p.body) > c_longest THEN 'too long for a ticker'
                         WHEN p.conflict IS NOT NULL
                         THEN format('the ticker names %s, the listing %s', p.conflict, p.venue)
                         ELSE 'no rule knows this form' END)
           || CASE p.kind WHEN 'none' THEN '; no venue'
                          WHEN 'unlisted'
                          THEN format('; venue %s is not in etl.venue_alias', p.venue)
                          ELSE format('; venue %s (%s)', p.venue, p.kind) END
      FROM pair p
      LEFT JOIN usual b ON b.code = p.base
      LEFT JOIN usual q ON q.code = p.quote;
END
$_classify$;
COMMENT ON FUNCTION etl._classify IS
    'Internal: classifies many tickers at once by etl.asset_class_rule.';
