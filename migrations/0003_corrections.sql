-- The correction of a denormalised column: targets, mapping snapshots, backups, measurements.
--
-- depends: 0002_operations

SET LOCAL lock_timeout = '10s';

CREATE TABLE IF NOT EXISTS etl.correction_target (
    target                  text     PRIMARY KEY CHECK (target <> ''),
    fact_table              regclass NOT NULL,
    key_columns             text[]   NOT NULL CHECK (cardinality(key_columns) > 0),
    match_column            text     NOT NULL,
    value_column            text     NOT NULL,
    touch_column            text,
    dimension_table         regclass NOT NULL,
    dimension_match_column  text     NOT NULL,
    dimension_value_column  text     NOT NULL,
    dimension_venue_column  text,
    dimension_active_column text,
    known_values            text[],
    column_types            jsonb    NOT NULL,
    registered_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    registered_by           text     NOT NULL DEFAULT session_user
);
COMMENT ON TABLE etl.correction_target IS
    'Maps the correction onto the tables that are there. Written by CALL etl.register_target(...).';
COMMENT ON COLUMN etl.correction_target.target IS 'Name of the target; market_data is the default of every routine.';
COMMENT ON COLUMN etl.correction_target.fact_table IS 'Table that carries the derived column; may be partitioned.';
COMMENT ON COLUMN etl.correction_target.key_columns IS 'Columns that identify a row, of any type.';
COMMENT ON COLUMN etl.correction_target.match_column IS 'Column of the fact table that names the dimension row (symbol).';
COMMENT ON COLUMN etl.correction_target.value_column IS 'Derived column to be corrected (asset_class).';
COMMENT ON COLUMN etl.correction_target.touch_column IS 'Column set to the current time with every change (updated_at); NULL: none.';
COMMENT ON COLUMN etl.correction_target.dimension_table IS 'Table that knows the truth (symbols).';
COMMENT ON COLUMN etl.correction_target.dimension_match_column IS 'Its column that match_column refers to (ticker).';
COMMENT ON COLUMN etl.correction_target.dimension_value_column IS 'Its column with the true value.';
COMMENT ON COLUMN etl.correction_target.dimension_venue_column IS 'Its column that tells several listings of a ticker apart; NULL: none.';
COMMENT ON COLUMN etl.correction_target.dimension_active_column IS 'Its boolean column that is false for retired rows; NULL: none.';
COMMENT ON COLUMN etl.correction_target.known_values IS 'Values that are valid; others are unknown. NULL: every value that is not blank is valid.';
COMMENT ON COLUMN etl.correction_target.column_types IS 'Types of the fact table''s columns when it was registered; the preflight compares them.';
COMMENT ON COLUMN etl.correction_target.registered_at IS 'When it was registered.';
COMMENT ON COLUMN etl.correction_target.registered_by IS 'Who registered it (session_user).';

CREATE TABLE IF NOT EXISTS etl.correction_mapping (
    execution_id uuid   NOT NULL REFERENCES public.etl_execution_history ON DELETE CASCADE,
    match_value  text   NOT NULL,
    new_value    text,
    known_values text[] NOT NULL,
    verdict      text   NOT NULL CHECK (verdict IN ('mapped', 'ambiguous', 'unmappable')),
    PRIMARY KEY (execution_id, match_value),
    CHECK ((verdict = 'mapped') = (new_value IS NOT NULL))
);
COMMENT ON TABLE etl.correction_mapping IS
    'What a correction believed: one row per match value, taken once from the dimension table.';
COMMENT ON COLUMN etl.correction_mapping.execution_id IS 'The correction.';
COMMENT ON COLUMN etl.correction_mapping.match_value IS 'Ticker.';
COMMENT ON COLUMN etl.correction_mapping.new_value IS 'The value that its rows get; NULL unless mapped.';
COMMENT ON COLUMN etl.correction_mapping.known_values IS 'The distinct valid values that its dimension rows have.';
COMMENT ON COLUMN etl.correction_mapping.verdict IS
    'mapped: exactly one value; ambiguous: several listings disagree; unmappable: NULL, empty or unknown values only.';

CREATE TABLE IF NOT EXISTS etl.correction_backup (
    execution_id uuid     PRIMARY KEY REFERENCES public.etl_execution_history ON DELETE CASCADE,
    target       text     NOT NULL,
    relation     regclass NOT NULL,
    backup_table text     NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    records      bigint,
    purged_at    timestamptz
);
COMMENT ON TABLE etl.correction_backup IS 'Backup tables by correction; see etl.list_backups().';
COMMENT ON COLUMN etl.correction_backup.execution_id IS 'The correction.';
COMMENT ON COLUMN etl.correction_backup.target IS 'Its target.';
COMMENT ON COLUMN etl.correction_backup.relation IS 'The backup table, by identity.';
COMMENT ON COLUMN etl.correction_backup.backup_table IS 'The backup table, by schema-qualified name.';
COMMENT ON COLUMN etl.correction_backup.created_at IS 'When it was created.';
COMMENT ON COLUMN etl.correction_backup.records IS 'Rows in it, once the correction has ended.';
COMMENT ON COLUMN etl.correction_backup.purged_at IS 'When it was dropped by etl.purge_backups() or because it was empty; NULL while kept.';

CREATE TABLE IF NOT EXISTS etl.rollback_exception (
    rollback_id     uuid NOT NULL REFERENCES public.etl_execution_history ON DELETE CASCADE,
    correction_id   uuid NOT NULL REFERENCES public.etl_execution_history ON DELETE CASCADE,
    backup_location tid  NOT NULL,
    key             jsonb NOT NULL,
    outcome         text NOT NULL CHECK (outcome IN ('forced', 'kept', 'missing', 'unchanged', 'failed', 'held')),
    current_value   text,
    message         text,
    recorded_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (rollback_id, backup_location)
);
CREATE INDEX IF NOT EXISTS rollback_exception_correction_idx ON etl.rollback_exception (correction_id);
COMMENT ON TABLE etl.rollback_exception IS
    'Rows of a rollback that were not simply restored. etl.rollback_outcomes() lists the outcome of every row.';
COMMENT ON COLUMN etl.rollback_exception.rollback_id IS 'The rollback.';
COMMENT ON COLUMN etl.rollback_exception.correction_id IS 'The correction that it undoes.';
COMMENT ON COLUMN etl.rollback_exception.backup_location IS 'Place (ctid) of the before-image in the backup table.';
COMMENT ON COLUMN etl.rollback_exception.key IS 'Key of the row, column name -> value.';
COMMENT ON COLUMN etl.rollback_exception.outcome IS
    'kept: changed since, left alone; forced: changed since, restored all the same; missing: deleted since; unchanged: had the old value already; failed: refused by a constraint or trigger; held: in the hands of another session, to be tried again.';
COMMENT ON COLUMN etl.rollback_exception.current_value IS 'Value met in the row; NULL also where the row is gone.';
COMMENT ON COLUMN etl.rollback_exception.message IS 'failed: the error.';
COMMENT ON COLUMN etl.rollback_exception.recorded_at IS 'When it was recorded.';

CREATE TABLE IF NOT EXISTS etl.analysis (
    analysis_id           uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    target                text        NOT NULL,
    execution_id          uuid        REFERENCES public.etl_execution_history ON DELETE SET NULL,
    analyzed_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    total_records         bigint      NOT NULL,
    null_records          bigint      NOT NULL,
    empty_records         bigint      NOT NULL,
    unknown_class_records bigint      NOT NULL,
    mismatched_records    bigint      NOT NULL,
    orphaned_records      bigint      NOT NULL,
    ambiguous_records     bigint      NOT NULL,
    unmappable_records    bigint      NOT NULL,
    correctable_records   bigint      NOT NULL,
    agreeing_records      bigint      NOT NULL,
    completeness_score    numeric(5, 2) NOT NULL,
    integrity_score       numeric(5, 2) NOT NULL,
    consistency_score     numeric(5, 2) NOT NULL,
    data_quality_score    numeric(5, 2) NOT NULL,
    duration              interval    NOT NULL
);
CREATE INDEX IF NOT EXISTS analysis_target_analyzed_at_idx ON etl.analysis (target, analyzed_at DESC);
COMMENT ON TABLE etl.analysis IS
    'Measurements of a target, by etl.analyze_asset_classes() and at the end of every correction. Status, health and metrics read the newest, and never the fact table.';
COMMENT ON COLUMN etl.analysis.analysis_id IS 'Id of the measurement.';
COMMENT ON COLUMN etl.analysis.target IS 'Target measured.';
COMMENT ON COLUMN etl.analysis.execution_id IS 'Operation that measured; NULL: etl.analyze_asset_classes().';
COMMENT ON COLUMN etl.analysis.analyzed_at IS 'When it was taken.';
COMMENT ON COLUMN etl.analysis.total_records IS 'Rows of the fact table.';
COMMENT ON COLUMN etl.analysis.null_records IS 'Rows whose value is NULL.';
COMMENT ON COLUMN etl.analysis.empty_records IS 'Rows whose value is the empty string.';
COMMENT ON COLUMN etl.analysis.unknown_class_records IS 'Rows whose value is none of the known ones.';
COMMENT ON COLUMN etl.analysis.mismatched_records IS 'Rows with a known value that differs from their symbol''s.';
COMMENT ON COLUMN etl.analysis.orphaned_records IS 'Rows without a symbol.';
COMMENT ON COLUMN etl.analysis.ambiguous_records IS 'Rows whose symbol is listed with several values.';
COMMENT ON COLUMN etl.analysis.unmappable_records IS 'Rows whose symbol has no valid value itself.';
COMMENT ON COLUMN etl.analysis.correctable_records IS 'Rows that differ from the one valid value of their symbol.';
COMMENT ON COLUMN etl.analysis.agreeing_records IS 'Rows that are complete, have a symbol and agree with it.';
COMMENT ON COLUMN etl.analysis.completeness_score IS 'Percent of rows with a known value.';
COMMENT ON COLUMN etl.analysis.integrity_score IS 'Percent of rows with a symbol.';
COMMENT ON COLUMN etl.analysis.consistency_score IS 'Percent, among rows whose symbol has one value, that equal it.';
COMMENT ON COLUMN etl.analysis.data_quality_score IS 'Percent of rows that are complete, have a symbol and agree with it.';
COMMENT ON COLUMN etl.analysis.duration IS 'Time that the measurement took.';

CREATE TABLE IF NOT EXISTS etl.threshold (
    threshold   text    PRIMARY KEY,
    comparison  text    NOT NULL CHECK (comparison IN ('>=', '<=', '<')),
    limit_value numeric NOT NULL,
    unit        text    NOT NULL,
    description text    NOT NULL
);
COMMENT ON TABLE etl.threshold IS 'Limits of health: what must hold. Change a row to change the limit.';
COMMENT ON COLUMN etl.threshold.threshold IS 'Name of the figure.';
COMMENT ON COLUMN etl.threshold.comparison IS 'How the figure must compare with limit_value.';
COMMENT ON COLUMN etl.threshold.limit_value IS 'The limit.';
COMMENT ON COLUMN etl.threshold.unit IS 'Unit of the limit.';
COMMENT ON COLUMN etl.threshold.description IS 'What the figure means.';

INSERT INTO etl.threshold (threshold, comparison, limit_value, unit, description) VALUES
    ('completeness_score', '>=', 95, 'percent', 'Rows with a known, non-empty class'),
    ('integrity_score', '>=', 90, 'percent', 'Rows whose symbol exists'),
    ('data_quality_score', '>=', 90, 'percent', 'Rows that are complete, have a symbol and agree with it'),
    ('orphaned_percent', '<', 5, 'percent', 'Rows without a symbol'),
    ('needing_correction_percent', '<=', 10, 'percent', 'Rows that differ from their symbol''s class'),
    ('success_rate', '>=', 95, 'percent', 'Operations of the last 30 days that completed'),
    ('error_rate', '<=', 5, 'percent', 'Rows of the last 30 days'' operations that failed'),
    ('operation_duration', '<=', 7200, 'seconds', 'Duration of an operation'),
    ('analysis_age', '<=', 172800, 'seconds', 'Age of the newest measurement')
ON CONFLICT (threshold) DO NOTHING;
