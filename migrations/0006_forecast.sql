-- Forecast before, verdict after: what a correction was expected to cost, and what it did cost.
--
-- depends: 0003_corrections

SET LOCAL lock_timeout = '10s';

ALTER TABLE public.etl_execution_history
    ADD COLUMN IF NOT EXISTS forecast jsonb,
    ADD COLUMN IF NOT EXISTS actual jsonb;
COMMENT ON COLUMN public.etl_execution_history.forecast IS
    'Correction: what it was expected to cost when it started. basis: trial (a preview with run_trial tried these options), history (this target''s last corrections) or statistics (the catalogs alone); '
    'records; duration_seconds; wal_bytes (of its batch statements); table_growth_bytes and index_growth_bytes (of the fact table and its indexes); backup_bytes; hot_update_percent; '
    'table_bytes and index_bytes: sizes at the start. A figure that the basis cannot tell is null.';
COMMENT ON COLUMN public.etl_execution_history.actual IS
    'Correction, once finished: what it did cost, under the names of forecast. duration_seconds is from start to finish, pauses included; wal_bytes, full-page images included, and hot_update_percent are those of its own '
    'committed batch statements, whatever other sessions do; table_growth_bytes and index_growth_bytes are differences of sizes, to which other sessions contribute, and autovacuum. '
    'ratio: forecast divided by actual, per figure; 1 where both are 0, null where only the actual one is, or where there is no forecast.';

CREATE TABLE IF NOT EXISTS etl.trial (
    target   text        PRIMARY KEY REFERENCES etl.correction_target ON DELETE CASCADE,
    options  jsonb       NOT NULL,
    forecast jsonb       NOT NULL,
    sample   jsonb       NOT NULL,
    tried_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    tried_by text        NOT NULL DEFAULT session_user
);
COMMENT ON TABLE etl.trial IS
    'The last trial of each target, by etl.preview_correction(run_trial => true). A correction with the same options takes its forecast from it, unless the target was corrected or rolled back since.';
COMMENT ON COLUMN etl.trial.target IS 'The target.';
COMMENT ON COLUMN etl.trial.options IS 'Options that decide which rows are changed, and how.';
COMMENT ON COLUMN etl.trial.forecast IS 'The forecast for one session; see etl_execution_history.forecast.';
COMMENT ON COLUMN etl.trial.sample IS 'What was measured on the sample that the forecast was made from.';
COMMENT ON COLUMN etl.trial.tried_at IS 'When.';
COMMENT ON COLUMN etl.trial.tried_by IS 'Who (session_user).';

CREATE TABLE IF NOT EXISTS etl.operation_usage (
    execution_id  uuid    NOT NULL REFERENCES public.etl_execution_history ON DELETE CASCADE,
    worker_number integer NOT NULL,
    updates       bigint  NOT NULL,
    hot_updates   bigint  NOT NULL,
    wal_bytes     bigint  NOT NULL,
    PRIMARY KEY (execution_id, worker_number)
) WITH (fillfactor = 50);
COMMENT ON TABLE etl.operation_usage IS
    'What the committed batches of a correction or a retry have cost, per worker. Written with each batch.';
COMMENT ON COLUMN etl.operation_usage.execution_id IS 'The operation.';
COMMENT ON COLUMN etl.operation_usage.worker_number IS 'The worker.';
COMMENT ON COLUMN etl.operation_usage.updates IS 'Row versions written to the fact table.';
COMMENT ON COLUMN etl.operation_usage.hot_updates IS 'Those of them that stayed on their page and needed no index entry.';
COMMENT ON COLUMN etl.operation_usage.wal_bytes IS 'WAL of the batch statements, full-page images included.';
