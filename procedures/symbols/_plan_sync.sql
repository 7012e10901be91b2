CREATE OR REPLACE FUNCTION etl._plan_sync(
    p_history public.etl_execution_history,
    p_pass    smallint
) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_plan_sync$
-- Discovers the tickers without a symbol, classifies them and plans their symbols; with
-- skip_existing_symbols => false also what is empty in the others.
-- Returns whether there is a pass.
-- Tables: reads the fact table and the platform's; writes etl.row_plan, etl.failed_record,
-- etl_execution_history.
-- Raises ME004, ME008.
DECLARE
    r_target   etl.correction_target;
    r_table    record;
    r_listing  record;
    r_counts   record;
    v_warnings text[];
    v_updates  bigint := 0::bigint;
    v_filter   text[] := ARRAY(
        SELECT upper(btrim(f.name))
          FROM jsonb_array_elements_text(
                   nullif(p_history.parameters -> 'asset_class_filter', 'null')) AS f (name));
    v_venues   text[] := ARRAY(
        SELECT unnest(ARRAY[etl._venue_key(f.name), etl._venue_key(a.venue)])
          FROM jsonb_array_elements_text(
                   nullif(p_history.parameters -> 'venue_filter', 'null')) AS f (name)
          LEFT JOIN etl.venue_alias a ON a.alias = etl._venue_key(f.name));
BEGIN
    r_target := etl._require_target(p_history.parameters ->> 'target');
    SELECT t.* INTO r_table FROM etl._symbol_table() t;
    SELECT l.* INTO r_listing FROM etl._orphaned_listings(r_target) l;

    WITH class_link AS MATERIALIZED (
        SELECT k.code, k.value FROM etl._symbol_links('asset_class_id') k
    ), listing AS MATERIALIZED (
        SELECT c.* FROM etl._classified_listings(r_listing.tickers, r_listing.venues) c
    ), same_ticker AS MATERIALIZED (
        -- Symbols that differ by case or padding only mean the same; their class counts.
        SELECT l.item, min(s.fields ->> 'ticker') AS ticker,
               CASE WHEN count(DISTINCT x.asset_class) = 1
                    THEN min(x.asset_class) END AS asset_class
          FROM listing l
          JOIN etl._platform_rows('symbol') s ON s.fields ->> 'ticker' = l.normal
         CROSS JOIN LATERAL (SELECT nullif(nullif(btrim(s.fields ->> 'asset_class'), ''),
                                           'UNKNOWN') AS asset_class) x
         WHERE l.normal <> l.ticker
           AND (l.venue_keys = '{}'
                OR coalesce(etl._venue_key(s.fields ->> 'venue'),
                            l.venue_keys[1]) = ANY (l.venue_keys))
         GROUP BY l.item
    ), judged AS MATERIALIZED (
        SELECT l.item, l.ticker, l.venue, l.normal, l.base_currency, l.quote_currency,
               l.needs_enrichment, l.market_id, l.venue_keys,
               coalesce(p.asset_class, l.asset_class) AS asset_class,
               CASE WHEN p.asset_class IS NULL THEN l.asset_class_id
                    ELSE (SELECT a.value FROM class_link a
                           WHERE a.code = upper(p.asset_class)) END AS asset_class_id,
               CASE WHEN p.asset_class IS NULL THEN l.classification
                    ELSE jsonb_build_object(
                             'asset_class', p.asset_class, 'rule', 'same_ticker', 'confidence', 1,
                             'needs_review', false,
                             'reason', format('the class of %s, which differs by case or padding '
                                              'only', p.ticker)) END AS classification,
               p.item IS NOT NULL
                   OR row_number() OVER (PARTITION BY l.normal, l.venue
                                         ORDER BY l.ticker = l.normal DESC,
                                                  l.item) > 1 AS is_variant
          FROM listing l
          LEFT JOIN same_ticker p USING (item)
    ), candidate AS MATERIALIZED (
        SELECT j.*,
               CASE WHEN j.normal IS NULL THEN 'blank'
                    WHEN v_filter <> '{}' AND coalesce(j.asset_class, 'UNKNOWN') <> ALL (v_filter)
                         OR v_venues <> '{}' AND NOT j.venue_keys && v_venues THEN 'filtered'
                    WHEN 'asset_class_id' = ANY (r_table.required) AND j.asset_class_id IS NULL
                    THEN CASE WHEN j.asset_class IS NULL
                              THEN 'it has no class, and the column for it is NOT NULL'
                              ELSE format('there is no asset class %s: '
                                          'CALL etl.bootstrap_reference_data();',
                                          j.asset_class) END
                    WHEN 'market_id' = ANY (r_table.required) AND j.market_id IS NULL
                    THEN format('there is no market %s, and the column for it is NOT NULL',
                                coalesce(quote_literal(j.venue), 'for a ticker without a venue'))
                    ELSE 'planned' END AS verdict
          FROM judged j
    ), planned AS (
        INSERT INTO etl.row_plan (execution_id, pass, position, entity, action, fields)
        SELECT p_history.execution_id, p_pass, row_number() OVER (ORDER BY c.item), 'symbol',
               'insert',
               jsonb_build_object(
                   'ticker', c.ticker, 'venue', c.venue,
                   'name', CASE WHEN r_table.needs_name THEN c.ticker END,
                   'asset_class', coalesce(c.asset_class, r_table.unknown_class),
                   'asset_class_id', c.asset_class_id, 'market_id', c.market_id,
                   'base_currency', c.base_currency, 'quote_currency', c.quote_currency,
                   'is_active', c.asset_class IS NOT NULL AND NOT c.is_variant,
                   'classification', c.classification,
                   'enrichment',
                   CASE WHEN NOT (p_history.parameters -> 'auto_enrich_metadata')::boolean
                             OR c.is_variant THEN NULL
                        WHEN c.needs_enrichment THEN 'new symbol, and its class is to be settled'
                        ELSE 'new symbol' END)
          FROM candidate c WHERE c.verdict = 'planned'
        RETURNING 1
    ), refused AS (
        INSERT INTO etl.failed_record (execution_id, key, match_value, sqlstate, message)
        SELECT p_history.execution_id,
               jsonb_build_object('entity', 'symbol', 'ticker', c.ticker, 'venue', c.venue),
               c.ticker, '23502', c.verdict
          FROM candidate c WHERE c.verdict NOT IN ('planned', 'blank', 'filtered')
        ON CONFLICT (execution_id, key) DO NOTHING
        RETURNING 1
    )
    SELECT count(*) AS discovered,
           count(*) FILTER (WHERE c.verdict IN ('blank', 'filtered')) AS skipped,
           count(*) FILTER (WHERE c.verdict = 'blank') AS blank,
           count(*) FILTER (WHERE c.verdict = 'planned' AND c.asset_class IS NULL) AS unknown,
           count(*) FILTER (WHERE c.verdict = 'planned' AND c.is_variant) AS variants,
           (SELECT string_agg(quote_literal(x.ticker), ', ')
              FROM (SELECT c2.ticker
                      FROM candidate c2
                     WHERE c2.is_variant AND c2.verdict = 'planned'
                     ORDER BY c2.item LIMIT 5) x) AS some_variants,
           (SELECT string_agg(x.asset_class, ', ')
              FROM (SELECT DISTINCT c3.asset_class
                      FROM candidate c3
                     WHERE c3.verdict = 'planned'
                       AND c3.asset_class <> ALL (r_target.known_values)) x) AS foreign_classes,
           (SELECT count(*) FROM refused) AS refused,
           (SELECT count(*) FROM planned) AS planned
      INTO r_counts
      FROM candidate c;

    IF NOT (p_history.parameters -> 'skip_existing_symbols')::boolean THEN
        v_updates := etl._plan_fill(p_history, p_pass, r_counts.planned, v_filter, v_venues);
    END IF;
    v_warnings := array_remove(ARRAY[
        CASE WHEN r_counts.unknown > 0
             THEN format('%s symbols are of no class that a rule is sure of: they are inactive and '
                         'need review, their bars stay without a class', r_counts.unknown) END,
        CASE WHEN r_counts.variants > 0
             THEN format('%s tickers are other spellings of a symbol (%s): their symbols are '
                         'inactive; better correct the bars',
                         r_counts.variants, r_counts.some_variants) END,
        CASE WHEN r_counts.blank > 0
             THEN format('%s blank tickers are none, and their bars stay orphaned',
                         r_counts.blank) END,
        CASE WHEN r_counts.refused > 0
             THEN format('%s symbols cannot be stored: see etl.failed_record',
                         r_counts.refused) END,
        CASE WHEN r_counts.foreign_classes IS NOT NULL
             THEN format('target %s does not know these classes, '
                         'so their bars are not corrected: %s',
                         r_target.target, r_counts.foreign_classes) END], NULL);
    UPDATE public.etl_execution_history h
       SET records_total = r_counts.refused,
           records_failed = r_counts.refused,
           records_skipped = r_counts.skipped,
           result = h.result || jsonb_build_object('discovered', r_counts.discovered,
                                                   'warnings', to_jsonb(v_warnings))
     WHERE h.execution_id = p_history.execution_id;
    IF r_counts.planned + v_updates = 0 THEN
        RETURN false;
    END IF;
    PERFORM etl._plan_rows(p_history.execution_id, p_pass, 'synchronizing', 10, 99);
    RETURN true;
END
$_plan_sync$;
COMMENT ON FUNCTION etl._plan_sync IS
    'Internal: plans the symbols that are missing.';
