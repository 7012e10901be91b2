CREATE OR REPLACE PROCEDURE etl.bootstrap_reference_data(
    overwrite_existing   boolean DEFAULT false,
    components           text[] DEFAULT NULL,
    dry_run              boolean DEFAULT false,
    timeout              interval DEFAULT '5 minutes',
    reason               text DEFAULT NULL,
    INOUT bootstrap_id   uuid DEFAULT NULL,
    INOUT status         text DEFAULT NULL,
    INOUT changed        bigint DEFAULT NULL,
    INOUT skipped        bigint DEFAULT NULL,
    INOUT failed         bigint DEFAULT NULL,
    INOUT batches        bigint DEFAULT NULL,
    INOUT backup_table   text DEFAULT NULL,
    INOUT quality_before numeric DEFAULT NULL,
    INOUT quality_after  numeric DEFAULT NULL,
    INOUT duration       interval DEFAULT NULL,
    INOUT result         jsonb DEFAULT NULL
)
LANGUAGE plpgsql
AS $bootstrap_reference_data$
-- Thin: the functions do the work, this commits. See COMMENT ON for the contract.
BEGIN
    COMMIT;  -- outside a transaction block only: each batch commits for itself
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    bootstrap_id := etl._start_bootstrap(bootstrap_id, (
        SELECT pg_catalog.to_jsonb(o)
          FROM (SELECT overwrite_existing, components, dry_run, timeout) AS o), reason);
    CALL etl._run_operation(bootstrap_id, false, NULL, status, changed, skipped, failed, batches,
                            backup_table, quality_before, quality_after, duration);
    result := etl._result_of(bootstrap_id);
END
$bootstrap_reference_data$;
COMMENT ON PROCEDURE etl.bootstrap_reference_data IS $comment$
Puts the reference data of etl.reference_data() into the platform's tables.
The tables may have any spelling. The components are asset_classes, markets, trading_sessions and
data_providers, in this order. A row that is there already is left as it is by default. Undo it with
CALL etl.rollback_operation(id).

Parameters:
  overwrite_existing: Set the fields of the reference data back in rows that are there already, and
    nothing else.
  components: Only these of asset_classes, markets, trading_sessions, data_providers. NULL means
    all.
  bootstrap_id: Id to run under. By default a new one. An id of your own makes the start repeatable.
As in etl.correct_asset_classes: dry_run, timeout, reason.
Returns one row; result holds the created, updated, skipped and failed rows of each component, and
  warnings.
Raises ME001, ME003, ME004, ME008, ME011, ME012.
$comment$;
