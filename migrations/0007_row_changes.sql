-- Jobs on the platform's small tables: what they plan, what they change, how it was undone.
--
-- depends: 0003_corrections

SET LOCAL lock_timeout = '10s';

CREATE TABLE IF NOT EXISTS etl.column_default (
    relation    regclass    NOT NULL,
    column_name text        NOT NULL,
    value       text        NOT NULL,
    set_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    set_by      text        NOT NULL DEFAULT session_user,
    PRIMARY KEY (relation, column_name)
);
COMMENT ON TABLE etl.column_default IS
    'What new rows get in a NOT NULL column without a default that no job knows. Written by etl.set_column_default().';
COMMENT ON COLUMN etl.column_default.relation IS 'Table of the platform.';
COMMENT ON COLUMN etl.column_default.column_name IS 'Its column.';
COMMENT ON COLUMN etl.column_default.value IS 'The value, as text in the input syntax of the column''s type.';
COMMENT ON COLUMN etl.column_default.set_at IS 'When it was set.';
COMMENT ON COLUMN etl.column_default.set_by IS 'Who set it (session_user).';

CREATE TABLE IF NOT EXISTS etl.row_plan (
    execution_id uuid     NOT NULL REFERENCES public.etl_execution_history ON DELETE CASCADE,
    pass         smallint NOT NULL,
    position     integer  NOT NULL,
    entity       text     NOT NULL,
    action       text     NOT NULL CHECK (action IN ('insert', 'update')),
    key          jsonb    CHECK ((key IS NOT NULL) = (action = 'update')),
    fields       jsonb    NOT NULL,
    condition    jsonb    NOT NULL DEFAULT '{}',
    PRIMARY KEY (execution_id, pass, position)
);
COMMENT ON TABLE etl.row_plan IS
    'Rows that an operation under way will insert or update in the platform''s tables; emptied when it has completed.';
COMMENT ON COLUMN etl.row_plan.execution_id IS 'The operation.';
COMMENT ON COLUMN etl.row_plan.pass IS 'Pass that does it. A row is touched at most once in a pass.';
COMMENT ON COLUMN etl.row_plan.position IS 'Order within the pass.';
COMMENT ON COLUMN etl.row_plan.entity IS 'Which of the platform''s tables: symbol, asset_class, market, trading_session, data_provider.';
COMMENT ON COLUMN etl.row_plan.action IS 'insert or update.';
COMMENT ON COLUMN etl.row_plan.key IS 'update: key of the row, column -> value.';
COMMENT ON COLUMN etl.row_plan.fields IS 'Field (see etl._platform_fields()) -> new value. Fields that the table lacks are passed over.';
COMMENT ON COLUMN etl.row_plan.condition IS 'update: column -> value that the row must still have, or it is left alone.';

CREATE TABLE IF NOT EXISTS etl.row_change (
    change_id    bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution_id uuid     NOT NULL REFERENCES public.etl_execution_history ON DELETE CASCADE,
    pass         smallint NOT NULL,
    batch_number integer  NOT NULL,
    entity       text     NOT NULL,
    relation     regclass NOT NULL,
    key          jsonb    NOT NULL,
    before       jsonb,
    after        jsonb    NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS row_change_execution_id_idx ON etl.row_change (execution_id, pass, change_id);
COMMENT ON TABLE etl.row_change IS
    'Every row that an operation inserted or updated in the platform''s tables, written in the transaction that did it. CALL etl.rollback_operation(id) undoes them.';
COMMENT ON COLUMN etl.row_change.change_id IS 'Order of the changes.';
COMMENT ON COLUMN etl.row_change.execution_id IS 'The operation.';
COMMENT ON COLUMN etl.row_change.pass IS 'Its pass; an undo goes through them backwards.';
COMMENT ON COLUMN etl.row_change.batch_number IS 'Its batch.';
COMMENT ON COLUMN etl.row_change.entity IS 'Which of the platform''s tables: symbol, asset_class, market, trading_session, data_provider.';
COMMENT ON COLUMN etl.row_change.relation IS 'The table.';
COMMENT ON COLUMN etl.row_change.key IS 'Key of the row, column -> value.';
COMMENT ON COLUMN etl.row_change.before IS 'Update: the columns that changed, with their old values; NULL: the row was inserted.';
COMMENT ON COLUMN etl.row_change.after IS 'Update: the same columns with their new values; insert: the whole row.';
COMMENT ON COLUMN etl.row_change.changed_at IS 'When it was written.';

CREATE TABLE IF NOT EXISTS etl.undo_outcome (
    undo_id     uuid   NOT NULL REFERENCES public.etl_execution_history ON DELETE CASCADE,
    change_id   bigint NOT NULL REFERENCES etl.row_change ON DELETE CASCADE,
    outcome     text   NOT NULL CHECK (outcome IN ('restored', 'forced', 'kept', 'missing', 'unchanged', 'failed')),
    message     text,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (undo_id, change_id)
);
CREATE INDEX IF NOT EXISTS undo_outcome_change_id_idx ON etl.undo_outcome (change_id);
COMMENT ON TABLE etl.undo_outcome IS 'What became of every change that an undo dealt with.';
COMMENT ON COLUMN etl.undo_outcome.undo_id IS 'The undo.';
COMMENT ON COLUMN etl.undo_outcome.change_id IS 'The change.';
COMMENT ON COLUMN etl.undo_outcome.outcome IS
    'restored; kept: changed by others since, left alone; forced: changed since, undone all the same; missing: deleted since; unchanged: had the old values already; failed: refused, for example because other rows refer to it.';
COMMENT ON COLUMN etl.undo_outcome.message IS 'kept: what is different; failed: the error.';
COMMENT ON COLUMN etl.undo_outcome.recorded_at IS 'When it was recorded.';
