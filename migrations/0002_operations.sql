-- The operation kernel: one life cycle and one history for every job.
--
-- depends: 0001_foundation

SET LOCAL lock_timeout = '10s';

DO $existing$
BEGIN
    IF to_regclass('public.etl_execution_history') IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_attribute
         WHERE attrelid = to_regclass('public.etl_execution_history')
           AND attname = 'heartbeat_at' AND NOT attisdropped
    ) THEN
        RAISE EXCEPTION 'a table public.etl_execution_history of another origin is in the way'
            USING ERRCODE = 'ME010',
                  DETAIL = 'It lacks the columns of mytrader-etl.',
                  HINT = 'Rename it, for example: ALTER TABLE public.etl_execution_history '
                         'RENAME TO etl_execution_history_old; then deploy again.';
    END IF;
END
$existing$;

CREATE TABLE IF NOT EXISTS public.etl_execution_history (
    execution_id        uuid        PRIMARY KEY,
    operation           text        NOT NULL,
    target              text        NOT NULL,
    parent_execution_id uuid        REFERENCES public.etl_execution_history,
    status              text        NOT NULL DEFAULT 'running' CHECK (status IN (
        'running', 'paused', 'completed', 'completed_with_errors', 'failed', 'cancelled',
        'timed_out', 'interrupted', 'rolled_back', 'partially_rolled_back')),
    phase               text        NOT NULL DEFAULT 'starting',
    parameters          jsonb       NOT NULL DEFAULT '{}',
    dry_run             boolean     NOT NULL DEFAULT false,
    progress_percent    numeric(5, 2) NOT NULL DEFAULT 0 CHECK (progress_percent BETWEEN 0 AND 100),
    records_total       bigint      CHECK (records_total >= 0),
    records_processed   bigint      NOT NULL DEFAULT 0 CHECK (records_processed >= 0),
    records_changed     bigint      NOT NULL DEFAULT 0 CHECK (records_changed >= 0),
    records_skipped     bigint      NOT NULL DEFAULT 0 CHECK (records_skipped >= 0),
    records_failed      bigint      NOT NULL DEFAULT 0 CHECK (records_failed >= 0),
    batches_processed   bigint      NOT NULL DEFAULT 0 CHECK (batches_processed >= 0),
    batches_failed      bigint      NOT NULL DEFAULT 0 CHECK (batches_failed >= 0),
    retries             bigint      NOT NULL DEFAULT 0 CHECK (retries >= 0),
    quality_before      numeric(5, 2),
    quality_after       numeric(5, 2),
    backup_table        text,
    error_code          text,
    error_message       text,
    reason              text,
    phase_timings       jsonb       NOT NULL DEFAULT '{}',
    result              jsonb       NOT NULL DEFAULT '{}',
    library_version     text        NOT NULL,
    triggered_by        text        NOT NULL DEFAULT session_user,
    application_name    text        NOT NULL DEFAULT current_setting('application_name', true),
    client_addr         inet        DEFAULT inet_client_addr(),
    started_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    heartbeat_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at         timestamptz,
    CONSTRAINT etl_execution_history_finished_check
        CHECK ((status IN ('running', 'paused', 'interrupted')) = (finished_at IS NULL)),
    CONSTRAINT etl_execution_history_error_check
        CHECK (status NOT IN ('failed', 'timed_out', 'cancelled') OR error_code IS NOT NULL),
    CONSTRAINT etl_execution_history_completed_check
        CHECK (status NOT IN ('completed', 'completed_with_errors') OR progress_percent = 100)
) WITH (fillfactor = 50);

-- The run guard: at most one operation works on a target at a time.
CREATE UNIQUE INDEX IF NOT EXISTS etl_execution_history_run_guard
    ON public.etl_execution_history (target) WHERE status IN ('running', 'paused');
CREATE INDEX IF NOT EXISTS etl_execution_history_started_at_idx
    ON public.etl_execution_history (started_at DESC);
CREATE INDEX IF NOT EXISTS etl_execution_history_parent_idx
    ON public.etl_execution_history (parent_execution_id) WHERE parent_execution_id IS NOT NULL;

COMMENT ON TABLE public.etl_execution_history IS
    'One row per operation (correction, rollback, retry, purge, ...). Updated after every batch, so progress is seen from any session.';
COMMENT ON COLUMN public.etl_execution_history.execution_id IS 'Id of the operation; a correction''s correction_id.';
COMMENT ON COLUMN public.etl_execution_history.operation IS 'Kind of job: correction, rollback, retry, purge.';
COMMENT ON COLUMN public.etl_execution_history.target IS 'Name of the target in etl.correction_target that it works on.';
COMMENT ON COLUMN public.etl_execution_history.parent_execution_id IS 'Rollback and retry: the correction concerned.';
COMMENT ON COLUMN public.etl_execution_history.status IS
    'running, paused, completed, completed_with_errors, failed, cancelled, timed_out, interrupted, rolled_back, partially_rolled_back. '
    'A running operation whose workers are all dead is shown as interrupted by etl.correction_status().';
COMMENT ON COLUMN public.etl_execution_history.phase IS 'Step of the job that is under way.';
COMMENT ON COLUMN public.etl_execution_history.parameters IS 'Options as given at the start.';
COMMENT ON COLUMN public.etl_execution_history.dry_run IS 'True: nothing is changed, and the counters tell what would have been.';
COMMENT ON COLUMN public.etl_execution_history.progress_percent IS 'Progress of the current phase, 0 to 100; 100 once completed.';
COMMENT ON COLUMN public.etl_execution_history.records_total IS 'Rows to process, as measured or estimated at the start.';
COMMENT ON COLUMN public.etl_execution_history.records_processed IS 'Rows changed, skipped and failed so far.';
COMMENT ON COLUMN public.etl_execution_history.records_changed IS 'Rows changed so far (dry run: that would be).';
COMMENT ON COLUMN public.etl_execution_history.records_skipped IS 'Rows left alone: suppressed by a trigger or held by another session to the end; rollback: conflicts kept and rows gone.';
COMMENT ON COLUMN public.etl_execution_history.records_failed IS 'Rows quarantined in etl.failed_record.';
COMMENT ON COLUMN public.etl_execution_history.batches_processed IS 'Batches committed so far.';
COMMENT ON COLUMN public.etl_execution_history.batches_failed IS 'Batches that had to be bisected because a row failed.';
COMMENT ON COLUMN public.etl_execution_history.retries IS 'Batches repeated after a deadlock, a lock timeout or a serialization failure.';
COMMENT ON COLUMN public.etl_execution_history.quality_before IS 'Data quality score before, percent.';
COMMENT ON COLUMN public.etl_execution_history.quality_after IS 'Data quality score after, percent.';
COMMENT ON COLUMN public.etl_execution_history.backup_table IS 'Schema-qualified table with the before-images; NULL where there is none.';
COMMENT ON COLUMN public.etl_execution_history.error_code IS 'SQLSTATE that ended it; ME... are explained in the reference.';
COMMENT ON COLUMN public.etl_execution_history.error_message IS 'Message of that error.';
COMMENT ON COLUMN public.etl_execution_history.reason IS 'Why it was started, cancelled or rolled back, in the words of who did it.';
COMMENT ON COLUMN public.etl_execution_history.phase_timings IS 'Phase -> milliseconds from the start of the phase to its end.';
COMMENT ON COLUMN public.etl_execution_history.result IS 'Figures special to the job: strategy and its reason, sweep rounds, remaining rows, conflicts.';
COMMENT ON COLUMN public.etl_execution_history.library_version IS 'Version of mytrader-etl that started it.';
COMMENT ON COLUMN public.etl_execution_history.triggered_by IS 'Who started it (session_user).';
COMMENT ON COLUMN public.etl_execution_history.application_name IS 'application_name of the session that started it.';
COMMENT ON COLUMN public.etl_execution_history.client_addr IS 'Address of the client; NULL over a Unix socket.';
COMMENT ON COLUMN public.etl_execution_history.started_at IS 'When it was started.';
COMMENT ON COLUMN public.etl_execution_history.heartbeat_at IS 'When a worker last wrote here.';
COMMENT ON COLUMN public.etl_execution_history.finished_at IS 'When it ended; NULL while running, paused or interrupted.';

CREATE TABLE IF NOT EXISTS etl.operation_control (
    execution_id          uuid     PRIMARY KEY REFERENCES public.etl_execution_history ON DELETE CASCADE,
    request               text     NOT NULL DEFAULT 'run' CHECK (request IN ('run', 'pause', 'cancel', 'stop')),
    request_reason        text,
    requested_by          text,
    error_code            text,
    error_message         text,
    last_batch_number     integer  NOT NULL DEFAULT 0,
    pass                  smallint NOT NULL DEFAULT 0,
    items_total           bigint   NOT NULL DEFAULT 0,
    items_done            bigint   NOT NULL DEFAULT 0,
    progress_from         numeric  NOT NULL DEFAULT 0,
    progress_to           numeric  NOT NULL DEFAULT 0,
    phase_started_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    deadline              timestamptz NOT NULL,
    timeout               interval NOT NULL CHECK (timeout > interval '0'),
    batch_size            integer  NOT NULL CHECK (batch_size BETWEEN 1 AND 10000000),
    adaptive              boolean  NOT NULL,
    target_batch_time     interval NOT NULL CHECK (target_batch_time BETWEEN interval '10 ms' AND interval '1 minute'),
    lock_timeout          interval NOT NULL CHECK (lock_timeout BETWEEN interval '1 ms' AND interval '10 minutes'),
    max_retries           integer  NOT NULL CHECK (max_retries BETWEEN 0 AND 100),
    max_error_rate        numeric  NOT NULL CHECK (max_error_rate BETWEEN 0 AND 100),
    pause_between_batches interval NOT NULL CHECK (pause_between_batches BETWEEN interval '0' AND interval '1 hour'),
    max_replica_lag       interval CHECK (max_replica_lag > interval '0')
) WITH (fillfactor = 50);
COMMENT ON TABLE etl.operation_control IS
    'What an operation is asked to do, and the settings that can be changed while it runs. Read by every worker before every batch.';
COMMENT ON COLUMN etl.operation_control.execution_id IS 'The operation.';
COMMENT ON COLUMN etl.operation_control.request IS 'run; pause, cancel: asked by a user; stop: asked by a worker that met an error which ends the operation.';
COMMENT ON COLUMN etl.operation_control.request_reason IS 'Why.';
COMMENT ON COLUMN etl.operation_control.requested_by IS 'Who asked (session_user).';
COMMENT ON COLUMN etl.operation_control.error_code IS 'stop: SQLSTATE of the error.';
COMMENT ON COLUMN etl.operation_control.error_message IS 'stop: message of the error.';
COMMENT ON COLUMN etl.operation_control.last_batch_number IS 'Highest batch number handed out.';
COMMENT ON COLUMN etl.operation_control.pass IS 'Number of the pass over the chunks that is under way.';
COMMENT ON COLUMN etl.operation_control.items_total IS 'Blocks or rows of the pass.';
COMMENT ON COLUMN etl.operation_control.items_done IS 'Blocks or rows of the pass that are done.';
COMMENT ON COLUMN etl.operation_control.progress_from IS 'progress_percent at the start of the pass.';
COMMENT ON COLUMN etl.operation_control.progress_to IS 'progress_percent at its end.';
COMMENT ON COLUMN etl.operation_control.phase_started_at IS 'When the current phase began.';
COMMENT ON COLUMN etl.operation_control.deadline IS 'When the operation times out.';
COMMENT ON COLUMN etl.operation_control.timeout IS 'Time allowed from start or resume to the deadline.';
COMMENT ON COLUMN etl.operation_control.batch_size IS 'Rows of a batch: the first size where adaptive, the size otherwise.';
COMMENT ON COLUMN etl.operation_control.adaptive IS 'Whether batches are sized by the time they take.';
COMMENT ON COLUMN etl.operation_control.target_batch_time IS 'Time that an adaptive batch aims at.';
COMMENT ON COLUMN etl.operation_control.lock_timeout IS 'Longest wait for a lock.';
COMMENT ON COLUMN etl.operation_control.max_retries IS 'Repeats of a batch after a deadlock, lock timeout or serialization failure.';
COMMENT ON COLUMN etl.operation_control.max_error_rate IS 'Percent of failed rows, after at least 1000, at which the operation stops.';
COMMENT ON COLUMN etl.operation_control.pause_between_batches IS 'Sleep of a worker after each batch.';
COMMENT ON COLUMN etl.operation_control.max_replica_lag IS 'Workers wait while a replica is further behind; NULL: no limit.';

CREATE TABLE IF NOT EXISTS etl.operation_worker (
    execution_id     uuid     NOT NULL REFERENCES public.etl_execution_history ON DELETE CASCADE,
    worker_number    integer  NOT NULL,
    backend_pid      integer  NOT NULL DEFAULT pg_backend_pid(),
    actor            text     NOT NULL DEFAULT session_user,
    application_name text     NOT NULL DEFAULT current_setting('application_name', true),
    batch_number     integer  NOT NULL,
    batch_rows       double precision NOT NULL,
    batch_size       integer,
    pass             smallint,
    chunk_number     integer,
    attempts         integer  NOT NULL DEFAULT 0,
    skip_locked      integer  NOT NULL DEFAULT 0,
    waiting_for      text,
    wait_until       timestamptz,
    notified_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    joined_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    heartbeat_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    left_at          timestamptz,
    left_because     text,
    PRIMARY KEY (execution_id, worker_number)
) WITH (fillfactor = 50);
COMMENT ON TABLE etl.operation_worker IS
    'Sessions that work on an operation. A live worker holds the lock of its row in every transaction; that lock, not an age, is the evidence of life.';
COMMENT ON COLUMN etl.operation_worker.execution_id IS 'The operation.';
COMMENT ON COLUMN etl.operation_worker.worker_number IS '1 for the first, then counting.';
COMMENT ON COLUMN etl.operation_worker.backend_pid IS 'Process id of the server process.';
COMMENT ON COLUMN etl.operation_worker.actor IS 'session_user of the session.';
COMMENT ON COLUMN etl.operation_worker.application_name IS 'application_name of the session.';
COMMENT ON COLUMN etl.operation_worker.batch_number IS 'Number that its next batch will bear.';
COMMENT ON COLUMN etl.operation_worker.batch_rows IS 'Rows that its next batch will look at.';
COMMENT ON COLUMN etl.operation_worker.batch_size IS 'batch_size that batch_rows began with.';
COMMENT ON COLUMN etl.operation_worker.pass IS 'Pass that batch_rows was found in.';
COMMENT ON COLUMN etl.operation_worker.chunk_number IS 'Piece that it works through.';
COMMENT ON COLUMN etl.operation_worker.attempts IS 'Failed attempts at the current batch.';
COMMENT ON COLUMN etl.operation_worker.skip_locked IS 'Batches still to be done with SKIP LOCKED after a lock conflict.';
COMMENT ON COLUMN etl.operation_worker.waiting_for IS 'What it waits for; NULL while it works.';
COMMENT ON COLUMN etl.operation_worker.wait_until IS 'When it will look again.';
COMMENT ON COLUMN etl.operation_worker.notified_at IS 'When its session was last told about the progress.';
COMMENT ON COLUMN etl.operation_worker.joined_at IS 'When it joined.';
COMMENT ON COLUMN etl.operation_worker.heartbeat_at IS 'When its last transaction began.';
COMMENT ON COLUMN etl.operation_worker.left_at IS 'When it left; NULL while it works, or where it died.';
COMMENT ON COLUMN etl.operation_worker.left_because IS 'finished, paused, cancelled, timed_out, failed, or lost (found dead).';

CREATE TABLE IF NOT EXISTS etl.operation_chunk (
    execution_id  uuid     NOT NULL REFERENCES public.etl_execution_history ON DELETE CASCADE,
    pass          smallint NOT NULL,
    chunk_number  integer  NOT NULL,
    relation      oid      NOT NULL,
    first_item    bigint   NOT NULL,
    next_item     bigint   NOT NULL,
    end_item      bigint   NOT NULL,
    rows_per_item real     NOT NULL,
    row_locations tid[],
    counts        bigint[],
    is_done       boolean  NOT NULL GENERATED ALWAYS AS (next_item >= end_item) STORED,
    PRIMARY KEY (execution_id, pass, chunk_number),
    CHECK (next_item BETWEEN first_item AND end_item)
) WITH (fillfactor = 50);
CREATE INDEX IF NOT EXISTS operation_chunk_open_idx
    ON etl.operation_chunk (execution_id, pass, chunk_number) WHERE NOT is_done;
COMMENT ON TABLE etl.operation_chunk IS
    'The plan and the cursor of an operation: pieces of a relation that a worker claims by locking the row, and advances in the transaction of the batch.';
COMMENT ON COLUMN etl.operation_chunk.execution_id IS 'The operation.';
COMMENT ON COLUMN etl.operation_chunk.pass IS 'Pass that the piece belongs to.';
COMMENT ON COLUMN etl.operation_chunk.chunk_number IS 'Order of the pieces.';
COMMENT ON COLUMN etl.operation_chunk.relation IS 'Table or leaf partition that the piece lies in.';
COMMENT ON COLUMN etl.operation_chunk.first_item IS 'First block or position of the piece.';
COMMENT ON COLUMN etl.operation_chunk.next_item IS 'Cursor: next block, or next position in row_locations, to do.';
COMMENT ON COLUMN etl.operation_chunk.end_item IS 'First block or position behind the piece.';
COMMENT ON COLUMN etl.operation_chunk.rows_per_item IS 'Rows to expect in one item.';
COMMENT ON COLUMN etl.operation_chunk.row_locations IS 'Places of single rows, where an index found them; NULL: the items are blocks.';
COMMENT ON COLUMN etl.operation_chunk.counts IS 'What was counted in the piece, in the order of etl._count_rows().';
COMMENT ON COLUMN etl.operation_chunk.is_done IS 'Whether the cursor has reached the end.';

DO $batch_claim$
BEGIN
    IF to_regtype('etl.batch_claim') IS NULL THEN
        CREATE TYPE etl.batch_claim AS (
            chunk_number  integer,
            relation      oid,
            first_item    bigint,
            end_item      bigint,
            row_locations tid[],
            rows_expected bigint,
            is_pass_done  boolean
        );
    END IF;
END
$batch_claim$;
COMMENT ON TYPE etl.batch_claim IS
    'The part of a piece that a worker has claimed for one transaction. chunk_number is NULL where there was none to claim.';

CREATE TABLE IF NOT EXISTS etl.operation_batch (
    execution_id  uuid     NOT NULL REFERENCES public.etl_execution_history ON DELETE CASCADE,
    batch_number  integer  NOT NULL,
    worker_number integer  NOT NULL,
    pass          smallint NOT NULL,
    chunk_number  integer  NOT NULL,
    first_item    bigint   NOT NULL,
    end_item      bigint   NOT NULL,
    rows_expected bigint   NOT NULL,
    changed       bigint   NOT NULL,
    skipped       bigint   NOT NULL,
    failed        bigint   NOT NULL,
    attempts      integer  NOT NULL,
    started_at    timestamptz NOT NULL,
    duration      interval NOT NULL,
    PRIMARY KEY (execution_id, batch_number)
);
COMMENT ON TABLE etl.operation_batch IS 'One row per committed batch.';
COMMENT ON COLUMN etl.operation_batch.execution_id IS 'The operation.';
COMMENT ON COLUMN etl.operation_batch.batch_number IS 'Number of the batch; the backup table bears it too. A number is lost where a worker died.';
COMMENT ON COLUMN etl.operation_batch.worker_number IS 'Worker that did it.';
COMMENT ON COLUMN etl.operation_batch.pass IS 'Pass that it belongs to.';
COMMENT ON COLUMN etl.operation_batch.chunk_number IS 'Piece that it belongs to.';
COMMENT ON COLUMN etl.operation_batch.first_item IS 'First block or position.';
COMMENT ON COLUMN etl.operation_batch.end_item IS 'First block or position behind it.';
COMMENT ON COLUMN etl.operation_batch.rows_expected IS 'Rows that it was sized for.';
COMMENT ON COLUMN etl.operation_batch.changed IS 'Rows changed.';
COMMENT ON COLUMN etl.operation_batch.skipped IS 'Rows left alone.';
COMMENT ON COLUMN etl.operation_batch.failed IS 'Rows quarantined.';
COMMENT ON COLUMN etl.operation_batch.attempts IS 'Failed attempts before this one.';
COMMENT ON COLUMN etl.operation_batch.started_at IS 'When its transaction began.';
COMMENT ON COLUMN etl.operation_batch.duration IS 'Time until just before COMMIT.';

CREATE TABLE IF NOT EXISTS etl.failed_record (
    failed_record_id bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution_id     uuid    NOT NULL REFERENCES public.etl_execution_history ON DELETE CASCADE,
    key              jsonb   NOT NULL,
    match_value      text,
    sqlstate         text    NOT NULL,
    message          text    NOT NULL,
    attempts         integer NOT NULL DEFAULT 1,
    first_failed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_failed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    resolved_at      timestamptz,
    UNIQUE (execution_id, key)
);
CREATE INDEX IF NOT EXISTS failed_record_open_idx
    ON etl.failed_record (execution_id) WHERE resolved_at IS NULL;
COMMENT ON TABLE etl.failed_record IS
    'Quarantine: rows that a CHECK, a trigger or a domain refused. CALL etl.retry_failed_records(correction_id) tries them again.';
COMMENT ON COLUMN etl.failed_record.failed_record_id IS 'Number of the entry.';
COMMENT ON COLUMN etl.failed_record.execution_id IS 'The correction that met the row.';
COMMENT ON COLUMN etl.failed_record.key IS 'Key of the row, column name -> value.';
COMMENT ON COLUMN etl.failed_record.match_value IS 'Symbol of the row.';
COMMENT ON COLUMN etl.failed_record.sqlstate IS 'SQLSTATE of the last failure.';
COMMENT ON COLUMN etl.failed_record.message IS 'Message of the last failure.';
COMMENT ON COLUMN etl.failed_record.attempts IS 'How often it was tried.';
COMMENT ON COLUMN etl.failed_record.first_failed_at IS 'When it failed first.';
COMMENT ON COLUMN etl.failed_record.last_failed_at IS 'When it failed last.';
COMMENT ON COLUMN etl.failed_record.resolved_at IS 'When it was corrected, found right, or found gone; NULL while open.';
