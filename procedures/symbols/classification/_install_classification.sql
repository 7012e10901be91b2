CREATE OR REPLACE FUNCTION etl._install_classification() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_install_classification$
-- Writes the library's currency codes, venues and rules. What somebody changed stays: of codes and
-- venues only missing rows are added; a rule is brought up to date while it still is what the
-- library once shipped, enabled or not.
-- Tables: writes etl.currency_code, etl.venue, etl.venue_alias, etl.asset_class_rule. Idempotent.
BEGIN
    INSERT INTO etl.currency_code (code, kind, name, alias_of, is_quote)
    SELECT d.code, d.kind, d.name, d.alias_of, d.is_quote
      FROM etl._default_currency_codes() d
        ON CONFLICT (code, kind) DO NOTHING;

    INSERT INTO etl.venue (venue, kind, currency)
    SELECT d.venue, d.kind, d.currency
      FROM etl._default_venues() d
        ON CONFLICT (venue) DO NOTHING;
    INSERT INTO etl.venue_alias (alias, venue)
    SELECT a.alias, d.venue
      FROM etl._default_venues() d
     CROSS JOIN LATERAL unnest(string_to_array(d.aliases, ' ')) a (alias)
        ON CONFLICT (alias) DO NOTHING;

    INSERT INTO etl.asset_class_rule AS r
           (rule, priority, venue_kinds, venue_pattern, ticker_pattern, asset_class,
            base_expression, quote_expression, confidence, needs_enrichment, note, shipped)
    SELECT d.rule, d.priority, d.venue_kinds, d.venue_pattern, d.ticker_pattern, d.asset_class,
           d.base_expression, d.quote_expression, d.confidence, d.needs_enrichment, d.note,
           to_jsonb(d)
      FROM etl._default_rules() d
        ON CONFLICT (rule) DO UPDATE
       SET priority = excluded.priority, venue_kinds = excluded.venue_kinds,
           venue_pattern = excluded.venue_pattern, ticker_pattern = excluded.ticker_pattern,
           asset_class = excluded.asset_class, base_expression = excluded.base_expression,
           quote_expression = excluded.quote_expression, confidence = excluded.confidence,
           needs_enrichment = excluded.needs_enrichment, note = excluded.note,
           shipped = excluded.shipped
     WHERE r.shipped IS DISTINCT FROM excluded.shipped
       AND r.shipped = to_jsonb(r) - 'shipped' - 'is_enabled';

    -- Rules that this version no longer has, unless somebody changed them.
    DELETE FROM etl.asset_class_rule r
     WHERE r.shipped = to_jsonb(r) - 'shipped' - 'is_enabled'
       AND NOT EXISTS (SELECT FROM etl._default_rules() d WHERE d.rule = r.rule);
END
$_install_classification$;
COMMENT ON FUNCTION etl._install_classification IS
    'Internal: the codes, venues and rules that the library brings, beside those of its users.';
