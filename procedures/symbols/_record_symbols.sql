CREATE OR REPLACE FUNCTION etl._record_symbols(
    p_history     public.etl_execution_history,
    p_places      tid[],
    p_last_change bigint
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off  -- the planner cannot know how many rows a batch has
AS $_record_symbols$
-- Puts on record what a batch did to symbols: how they were classified, that they wait for
-- enrichment, which findings are fixed.
-- p_places: the planned rows.
-- p_last_change: the last change before theirs.
-- Tables: writes etl.symbol_classification, etl.enrichment_queue, etl.symbol_finding.
DECLARE
    v_columns jsonb := (SELECT t.columns FROM etl._symbol_table() t);
BEGIN
    WITH change AS MATERIALIZED (
        SELECT c.change_id, c.key, c.before, c.after
          FROM etl.row_change c
         WHERE c.change_id > p_last_change AND c.execution_id = p_history.execution_id
    ), matched AS MATERIALIZED (
        SELECT c.change_id, c.key, s.fields, s.fields ->> 'ticker' AS ticker,
               s.fields ->> 'venue' AS venue
          FROM change c
          JOIN etl.row_plan s ON s.fields ->> 'ticker' = c.after ->> (v_columns ->> 'ticker')
         WHERE s.ctid = ANY (p_places) AND s.action = 'insert' AND c.before IS NULL
           AND (NOT v_columns ? 'venue'
                OR coalesce(s.fields ->> 'venue', '')
                   = coalesce(c.after ->> (v_columns ->> 'venue'), ''))
        UNION ALL
        SELECT c.change_id, c.key, s.fields, s.fields #>> '{classification,ticker}',
               s.fields #>> '{classification,venue}'
          FROM change c
          JOIN etl.row_plan s ON s.key = c.key
         WHERE s.ctid = ANY (p_places) AND s.action = 'update' AND c.before IS NOT NULL
    ), classified AS (
        INSERT INTO etl.symbol_classification (
            symbol_key, ticker, venue, asset_class, rule, confidence, needs_review, reason,
            execution_id, change_id)
        SELECT m.key, m.ticker, m.venue, r.asset_class, r.rule, r.confidence, r.needs_review,
               r.reason,
               p_history.execution_id, m.change_id
          FROM matched m
         CROSS JOIN LATERAL jsonb_to_record(m.fields -> 'classification') AS r (
                   asset_class text, rule text, confidence numeric, needs_review boolean,
                   reason text)
         WHERE r.asset_class IS NOT NULL
        ON CONFLICT (change_id) DO NOTHING
    ), queued AS (
        INSERT INTO etl.enrichment_queue (
            symbol_key, ticker, venue, reason, execution_id, change_id)
        SELECT m.key, m.ticker, m.venue, m.fields ->> 'enrichment', p_history.execution_id,
               m.change_id
          FROM matched m
         WHERE m.fields ->> 'enrichment' IS NOT NULL
        ON CONFLICT DO NOTHING
    )
    UPDATE etl.symbol_finding f
       SET is_fixed = true, change_id = m.change_id
      FROM matched m
     WHERE f.execution_id = p_history.execution_id AND f.symbol_key = m.key AND f.fix IS NOT NULL;
END
$_record_symbols$;
COMMENT ON FUNCTION etl._record_symbols IS
    'Internal: puts on record what a batch did to symbols.';
