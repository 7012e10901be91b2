CREATE OR REPLACE PROCEDURE etl.validate_cleanup_symbols(
    INOUT cleanup_id      uuid DEFAULT NULL,
    fix                   boolean DEFAULT true,
    dry_run               boolean DEFAULT false,
    recent                interval DEFAULT '7 days',
    target                text DEFAULT 'market_data',
    batch_size            integer DEFAULT 1000,
    timeout               interval DEFAULT '1 hour',
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
AS $validate_cleanup_symbols$
-- Thin: the functions do the work, this commits. See COMMENT ON for the contract.
BEGIN
    COMMIT;  -- outside a transaction block only: each batch commits for itself
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    cleanup_id := etl._start_symbol_job(cleanup_id, 'cleanup', (
        SELECT pg_catalog.to_jsonb(o)
          FROM (SELECT target, fix, recent, batch_size, timeout, dry_run) AS o), reason);
    CALL etl._run_operation(cleanup_id, false, NULL, status, changed, skipped, failed, batches,
                            backup_table, quality_before, quality_after, duration);
    result := etl._result_of(cleanup_id);
END
$validate_cleanup_symbols$;
COMMENT ON PROCEDURE etl.validate_cleanup_symbols IS $comment$
Checks every symbol, and fixes what is safe to fix.
It finds malformed tickers, padding and case, duplicates per venue, a missing or unknown class, a
class against the venue, a missing market, active symbols without bars, and inactive symbols with
recent bars.

A ticker is trimmed only where no bars carry its old form and no other symbol has the new one. A
missing class is filled where a rule is sure, a missing market where it exists. What is invalid, or
a duplicate that agrees, is deactivated. Nothing is deleted, and no class or market that somebody
wrote is overwritten.

Each finding is a row of SELECT * FROM etl.symbol_findings(id). Undo it with CALL
etl.rollback_operation(id).

Parameters:
  cleanup_id: Id to run under. By default a new one. An id of your own makes the start repeatable.
  fix: Fix what is safe. Otherwise only report.
  dry_run: Plan the fixes, and change nothing.
  recent: Age up to which the bars of an inactive symbol make it a finding.
As in etl.correct_asset_classes: target, batch_size, timeout, reason.
Returns one row; result holds by_issue, findings, fixed, updated, skipped and failed.
Raises ME001, ME003, ME004, ME008, ME011, ME012.
$comment$;
