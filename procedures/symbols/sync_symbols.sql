CREATE OR REPLACE PROCEDURE etl.sync_symbols(
    INOUT sync_id         uuid DEFAULT NULL,
    batch_size            integer DEFAULT 1000,
    max_concurrency       integer DEFAULT 5,
    auto_enrich_metadata  boolean DEFAULT true,
    skip_existing_symbols boolean DEFAULT true,
    asset_class_filter    text[] DEFAULT NULL,
    venue_filter          text[] DEFAULT NULL,
    max_processing_time   interval DEFAULT '1 hour',
    dry_run               boolean DEFAULT false,
    target                text DEFAULT 'market_data',
    reason                text DEFAULT NULL,
    INOUT status          text DEFAULT NULL,
    INOUT changed         bigint DEFAULT NULL,
    INOUT skipped         bigint DEFAULT NULL,
    INOUT failed          bigint DEFAULT NULL,
    INOUT batches         bigint DEFAULT NULL,
    INOUT backup_table    text DEFAULT NULL,
    INOUT quality_before  numeric DEFAULT NULL,
    INOUT quality_after   numeric DEFAULT NULL,
    INOUT duration        interval DEFAULT NULL,
    INOUT result          jsonb DEFAULT NULL
)
LANGUAGE plpgsql
AS $sync_symbols$
-- Thin: the functions do the work, this commits. See COMMENT ON for the contract.
BEGIN
    COMMIT;  -- outside a transaction block only: each batch commits for itself
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    sync_id := etl._start_symbol_job(sync_id, 'sync', (
        SELECT pg_catalog.to_jsonb(o)
          FROM (SELECT target, batch_size, max_concurrency, auto_enrich_metadata,
                       skip_existing_symbols, asset_class_filter, venue_filter,
                       max_processing_time, max_processing_time AS timeout, dry_run) AS o), reason);
    CALL etl._run_operation(sync_id, false, NULL, status, changed, skipped, failed, batches,
                            backup_table, quality_before, quality_after, duration);
    result := etl._result_of(sync_id);
END
$sync_symbols$;
COMMENT ON PROCEDURE etl.sync_symbols IS $comment$
Adds a symbol for every ticker that has bars and none.
The ticker is classified by etl.asset_class_rule, linked to its asset class and market, and queued
for enrichment. It is stored exactly as the bars write it, or their rows could not be mapped. What
no rule is sure of gets no class, is inactive and needs review: see etl.symbol_classification. A
ticker that differs from a symbol by case or padding only takes its class and is inactive.

Undo it with CALL etl.rollback_operation(id). The driver opens max_concurrency sessions; from psql,
CALL etl.join_operation(id) in further sessions.

Parameters:
  sync_id: Id to run under. By default a new one. An id of your own makes the start repeatable.
  auto_enrich_metadata: Queue new symbols for enrichment.
  skip_existing_symbols: Leave symbols that are there alone. Otherwise their empty fields are filled
    as well; nothing is ever overwritten.
  asset_class_filter: Only tickers of these classes. UNKNOWN is a class here. NULL means all.
  venue_filter: Only tickers of these venues. NULL means all.
  max_processing_time: Stop after this time. The operation can be resumed.
  dry_run: Find and classify, and change nothing.
As in etl.correct_asset_classes: batch_size, max_concurrency, target, reason.
Returns one row; result holds discovered, added, updated, skipped, failed, by_class, needing_review,
  queued, orphans_left and warnings.
Raises ME001, ME003, ME004, ME008, ME011, ME012.
$comment$;
