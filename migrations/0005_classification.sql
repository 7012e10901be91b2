-- The classification of tickers is data: currency codes, venues and rules. The library's own rows
-- are written by etl._install_classification(), with every installation of the routines.
--
-- depends: 0003_corrections

SET LOCAL lock_timeout = '10s';

CREATE TABLE IF NOT EXISTS etl.currency_code (
    code       text    NOT NULL CHECK (code ~ '^[A-Z0-9]{1,20}$'),
    kind       text    NOT NULL CHECK (kind IN ('fiat', 'metal', 'commodity', 'coin', 'stablecoin')),
    name       text    NOT NULL,
    alias_of   text,
    is_quote   boolean NOT NULL DEFAULT false,
    is_enabled boolean NOT NULL DEFAULT true,
    PRIMARY KEY (code, kind),
    FOREIGN KEY (alias_of, kind) REFERENCES etl.currency_code (code, kind)
);
COMMENT ON TABLE etl.currency_code IS
    'Codes that stand for what is bought or paid with. The patterns of etl.asset_class_rule name them by kind: {fiat}, {coin}, ...';
COMMENT ON COLUMN etl.currency_code.code IS 'The code as venues write it, in capitals.';
COMMENT ON COLUMN etl.currency_code.kind IS
    'fiat: ISO 4217 or in common use; metal: XAU and its like; commodity: root of an exchange contract; coin; stablecoin. A code may have several kinds.';
COMMENT ON COLUMN etl.currency_code.name IS 'What it stands for.';
COMMENT ON COLUMN etl.currency_code.alias_of IS 'The usual code for the same thing (XBT: BTC); NULL: this one.';
COMMENT ON COLUMN etl.currency_code.is_quote IS 'Whether crypto venues quote other things in it.';
COMMENT ON COLUMN etl.currency_code.is_enabled IS 'Whether rules see it. Disable rather than delete: an installation brings deleted rows back.';

CREATE TABLE IF NOT EXISTS etl.venue (
    venue    text PRIMARY KEY CHECK (venue ~ '^[A-Z0-9_]+$'),
    kind     text NOT NULL CHECK (kind IN ('stock', 'crypto', 'forex', 'futures', 'index', 'vendor')),
    currency text
);
COMMENT ON TABLE etl.venue IS 'Markets and sources of data, by the name that classification gives them.';
COMMENT ON COLUMN etl.venue.venue IS 'The one name of the venue.';
COMMENT ON COLUMN etl.venue.kind IS
    'What is traded: stock, crypto, forex, futures; index: it computes indices; vendor: a source of data of all kinds.';
COMMENT ON COLUMN etl.venue.currency IS 'Currency in which most of its listings trade; NULL: none.';

CREATE TABLE IF NOT EXISTS etl.venue_alias (
    alias text PRIMARY KEY CHECK (alias ~ '^([A-Z0-9]{2,}|\.[A-Z0-9]+|[A-Z0-9]+:)$'),
    venue text NOT NULL REFERENCES etl.venue ON DELETE CASCADE
);
COMMENT ON TABLE etl.venue_alias IS 'How venues are written.';
COMMENT ON COLUMN etl.venue_alias.alias IS
    'A name without spaces and signs (FOREXMARKET); with a leading dot a suffix of tickers (.IS); with a trailing colon a prefix (X:). A name serves as prefix too, and with three letters or more as suffix.';
COMMENT ON COLUMN etl.venue_alias.venue IS 'The venue.';

CREATE TABLE IF NOT EXISTS etl.asset_class_rule (
    rule             text          PRIMARY KEY CHECK (rule ~ '^[a-z0-9_]+$'),
    priority         integer       NOT NULL,
    venue_kinds      text[]
        CHECK (venue_kinds <@ ARRAY['stock', 'crypto', 'forex', 'futures', 'index', 'vendor', 'unlisted', 'none']),
    venue_pattern    text,
    ticker_pattern   text          NOT NULL CHECK (ticker_pattern <> ''),
    asset_class      text          NOT NULL CHECK (asset_class <> ''),
    base_expression  text          CHECK (base_expression ~ '^(\\[1-9]|\{currency\}|[A-Z0-9]+)$'),
    quote_expression text          CHECK (quote_expression ~ '^(\\[1-9]|\{currency\}|[A-Z0-9]+)$'),
    confidence       numeric(3, 2) NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    needs_enrichment boolean       NOT NULL DEFAULT false,
    is_enabled       boolean       NOT NULL DEFAULT true,
    note             text          NOT NULL CHECK (note <> ''),
    shipped          jsonb
);
COMMENT ON TABLE etl.asset_class_rule IS
    'Rules that classify tickers: the first one by priority that matches decides. Add, change and disable rows freely.';
COMMENT ON COLUMN etl.asset_class_rule.rule IS 'Speaking name; recorded wherever the rule decides.';
COMMENT ON COLUMN etl.asset_class_rule.priority IS 'Smaller goes first; among equals yours go before the library''s.';
COMMENT ON COLUMN etl.asset_class_rule.venue_kinds IS
    'Kinds of venue (etl.venue) that the rule is for; none: no venue is known; unlisted: one that etl.venue_alias does not know. NULL: any.';
COMMENT ON COLUMN etl.asset_class_rule.venue_pattern IS 'Regular expression for the venue''s name in etl.venue; NULL: any.';
COMMENT ON COLUMN etl.asset_class_rule.ticker_pattern IS
    'Regular expression for the whole ticker, without prefix or suffix of a venue. {fiat}, {metal}, {commodity}, {coin} and {stablecoin} stand for any code of that kind, {fiat!} and so on for those that venues quote in, {quote} for all these, {sep} for a separator.';
COMMENT ON COLUMN etl.asset_class_rule.asset_class IS 'The class; UNKNOWN: the form is known to say nothing, and the note why.';
COMMENT ON COLUMN etl.asset_class_rule.base_expression IS
    'What is traded: a group of the pattern (\1), the venue''s currency ({currency}) or a code. NULL: not a pair.';
COMMENT ON COLUMN etl.asset_class_rule.quote_expression IS 'What it is paid with, written likewise.';
COMMENT ON COLUMN etl.asset_class_rule.confidence IS 'How sure the rule is, 0 to 1; below 0.70 a human should look.';
COMMENT ON COLUMN etl.asset_class_rule.needs_enrichment IS 'Whether an outside source should settle the class (ETF or STOCK).';
COMMENT ON COLUMN etl.asset_class_rule.is_enabled IS 'Disable rather than delete: an installation brings the library''s rules back.';
COMMENT ON COLUMN etl.asset_class_rule.note IS 'Why the rule holds; part of every explanation.';
COMMENT ON COLUMN etl.asset_class_rule.shipped IS
    'The rule as the library wrote it; NULL: yours. Rules that differ from it were changed, and are left alone by installations.';
