CREATE OR REPLACE FUNCTION etl.classify_symbol(
    INOUT ticker text,
    INOUT venue text DEFAULT NULL,
    OUT asset_class text,
    OUT rule text,
    OUT confidence numeric,
    OUT base_currency text,
    OUT quote_currency text,
    OUT needs_review boolean,
    OUT needs_enrichment boolean,
    OUT reason text
)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $classify_symbol$
-- SECURITY DEFINER: readers may not run internals.
SELECT c.ticker, c.venue, c.asset_class, c.rule, c.confidence, c.base_currency, c.quote_currency,
       c.needs_review, c.needs_enrichment, c.reason
  FROM etl._classify(ARRAY[classify_symbol.ticker], ARRAY[classify_symbol.venue]) c
$classify_symbol$;
COMMENT ON FUNCTION etl.classify_symbol IS $comment$
Explains how a ticker is classified.
It returns the normal form of the ticker, the one name of the venue, the class (UNKNOWN where no
rule knows), the rule of etl.asset_class_rule that decided, how sure it is (0 to 1), what is traded
against what, whether a human should look or an outside source be asked, and why. Raises nothing,
whatever the text.

Parameters:
  ticker: Ticker, as the venue writes it.
  venue: Where it trades, or the source that wrote it. NULL means unknown.
$comment$;
