-- Symbols: how each was classified, what waits for enrichment, what the clean-up found.
--
-- depends: 0007_row_changes

SET LOCAL lock_timeout = '10s';

CREATE TABLE IF NOT EXISTS etl.symbol_classification (
    classification_id bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    symbol_key        jsonb   NOT NULL,
    ticker            text    NOT NULL,
    venue             text,
    asset_class       text    NOT NULL,
    rule              text,
    confidence        numeric(3, 2) NOT NULL,
    needs_review      boolean NOT NULL,
    reason            text    NOT NULL,
    classified_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    execution_id      uuid    REFERENCES public.etl_execution_history ON DELETE SET NULL,
    change_id         bigint  UNIQUE REFERENCES etl.row_change ON DELETE SET NULL
);
CREATE INDEX IF NOT EXISTS symbol_classification_symbol_key_idx
    ON etl.symbol_classification (symbol_key, classification_id);
CREATE INDEX IF NOT EXISTS symbol_classification_execution_id_idx ON etl.symbol_classification (execution_id);
COMMENT ON TABLE etl.symbol_classification IS
    'Which rule gave a symbol its class. The newest row of a symbol counts. Rows of changes that were undone are gone.';
COMMENT ON COLUMN etl.symbol_classification.classification_id IS 'Order of the classifications.';
COMMENT ON COLUMN etl.symbol_classification.symbol_key IS 'Key of the symbol, column -> value.';
COMMENT ON COLUMN etl.symbol_classification.ticker IS 'Its ticker, as it is stored.';
COMMENT ON COLUMN etl.symbol_classification.venue IS 'Its venue; NULL: not known.';
COMMENT ON COLUMN etl.symbol_classification.asset_class IS 'The class; UNKNOWN: no rule was sure, and the symbol was given none.';
COMMENT ON COLUMN etl.symbol_classification.rule IS
    'The rule of etl.asset_class_rule that decided; same_ticker: the class of the symbol that differs by case or padding only; NULL: none.';
COMMENT ON COLUMN etl.symbol_classification.confidence IS 'How sure the rule is, 0 to 1.';
COMMENT ON COLUMN etl.symbol_classification.needs_review IS 'Whether a human should look.';
COMMENT ON COLUMN etl.symbol_classification.reason IS 'Why.';
COMMENT ON COLUMN etl.symbol_classification.classified_at IS 'When it was decided.';
COMMENT ON COLUMN etl.symbol_classification.execution_id IS 'The operation that did it.';
COMMENT ON COLUMN etl.symbol_classification.change_id IS 'Its change of the symbol.';

CREATE TABLE IF NOT EXISTS etl.enrichment_queue (
    queue_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    symbol_key   jsonb  NOT NULL,
    ticker       text   NOT NULL,
    venue        text,
    reason       text   NOT NULL,
    status       text   NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    execution_id uuid   REFERENCES public.etl_execution_history ON DELETE SET NULL,
    change_id    bigint UNIQUE REFERENCES etl.row_change ON DELETE SET NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS enrichment_queue_open_idx
    ON etl.enrichment_queue (symbol_key) WHERE status IN ('queued', 'running');
CREATE INDEX IF NOT EXISTS enrichment_queue_execution_id_idx ON etl.enrichment_queue (execution_id);
COMMENT ON TABLE etl.enrichment_queue IS
    'Symbols that wait for metadata from outside sources; at most one open entry for each. Entries of symbols whose insertion was undone are gone.';
COMMENT ON COLUMN etl.enrichment_queue.queue_id IS 'Order of the requests.';
COMMENT ON COLUMN etl.enrichment_queue.symbol_key IS 'Key of the symbol, column -> value.';
COMMENT ON COLUMN etl.enrichment_queue.ticker IS 'Its ticker, as it is stored.';
COMMENT ON COLUMN etl.enrichment_queue.venue IS 'Its venue; NULL: not known.';
COMMENT ON COLUMN etl.enrichment_queue.reason IS 'Why it is asked for: new symbol, or what a source should settle.';
COMMENT ON COLUMN etl.enrichment_queue.status IS 'queued, running: open; done, failed, cancelled: closed.';
COMMENT ON COLUMN etl.enrichment_queue.requested_at IS 'When it was queued.';
COMMENT ON COLUMN etl.enrichment_queue.execution_id IS 'The operation that queued it.';
COMMENT ON COLUMN etl.enrichment_queue.change_id IS 'Its insertion of the symbol.';

CREATE TABLE IF NOT EXISTS etl.symbol_finding (
    finding_id   bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution_id uuid    NOT NULL REFERENCES public.etl_execution_history ON DELETE CASCADE,
    symbol_key   jsonb   NOT NULL,
    ticker       text,
    venue        text,
    issue_type   text    NOT NULL CHECK (issue_type IN (
        'malformed_ticker', 'ticker_form', 'duplicate', 'missing_class', 'unknown_class',
        'class_against_venue', 'missing_market', 'active_without_bars', 'inactive_with_recent_bars')),
    description  text    NOT NULL,
    fix          jsonb,
    is_fixed     boolean NOT NULL DEFAULT false,
    action       text    NOT NULL,
    found_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    change_id    bigint  REFERENCES etl.row_change ON DELETE SET NULL,
    CHECK (NOT is_fixed OR fix IS NOT NULL)
);
CREATE INDEX IF NOT EXISTS symbol_finding_execution_id_idx ON etl.symbol_finding (execution_id, finding_id);
CREATE INDEX IF NOT EXISTS symbol_finding_change_id_idx ON etl.symbol_finding (change_id);
COMMENT ON TABLE etl.symbol_finding IS 'What CALL etl.validate_cleanup_symbols() found; read by etl.symbol_findings().';
COMMENT ON COLUMN etl.symbol_finding.finding_id IS 'Order of the findings.';
COMMENT ON COLUMN etl.symbol_finding.execution_id IS 'The clean-up.';
COMMENT ON COLUMN etl.symbol_finding.symbol_key IS 'Key of the symbol, column -> value.';
COMMENT ON COLUMN etl.symbol_finding.ticker IS 'Its ticker when it was found.';
COMMENT ON COLUMN etl.symbol_finding.venue IS 'Its venue when it was found.';
COMMENT ON COLUMN etl.symbol_finding.issue_type IS
    'malformed_ticker; ticker_form: padding or case; duplicate: of the same ticker at the same venue; missing_class; unknown_class; class_against_venue; missing_market; active_without_bars; inactive_with_recent_bars.';
COMMENT ON COLUMN etl.symbol_finding.description IS 'What is wrong.';
COMMENT ON COLUMN etl.symbol_finding.fix IS 'Field -> value that settles it; NULL: nothing that is safe.';
COMMENT ON COLUMN etl.symbol_finding.is_fixed IS 'Whether it was fixed, and the fix was not undone.';
COMMENT ON COLUMN etl.symbol_finding.action IS 'What the fix is, or what somebody has to decide.';
COMMENT ON COLUMN etl.symbol_finding.found_at IS 'When it was found.';
COMMENT ON COLUMN etl.symbol_finding.change_id IS 'The change of the symbol that fixed it.';

ALTER TABLE etl.analysis
    ADD COLUMN IF NOT EXISTS orphaned_symbols bigint,
    ADD COLUMN IF NOT EXISTS symbols_without_bars bigint;
COMMENT ON COLUMN etl.analysis.orphaned_symbols IS 'Tickers with rows and no symbol; NULL: not counted.';
COMMENT ON COLUMN etl.analysis.symbols_without_bars IS 'Active symbols without a row; NULL: not counted.';
