"""The Python side of every public routine: one typed method for each."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Self, TypeVar
from uuid import UUID, uuid4

import psycopg
from psycopg import Connection
from psycopg.rows import RowFactory, class_row, tuple_row

from mytrader_etl.deployment.sources import LIBRARY_VERSION
from mytrader_etl.errors import NotInstalledError, translate
from mytrader_etl.options import (
    AnalyzeOptions,
    BackupsOptions,
    BootstrapOptions,
    BootstrapStatusOptions,
    CancelOptions,
    ChangesOptions,
    ClassifyOptions,
    CleanupOptions,
    ColumnDefaultOptions,
    CorrectionOptions,
    FindingsOptions,
    HealthOptions,
    HistoryOptions,
    Interval,
    JoinOptions,
    MarketStatusOptions,
    MetricsOptions,
    OrphansOptions,
    OutcomesOptions,
    PauseOptions,
    PlatformTablesOptions,
    PreviewOptions,
    PurgeOptions,
    ReferenceDataOptions,
    ResumeOptions,
    RetryOptions,
    RollbackOptions,
    Routine,
    StatusOptions,
    SyncOptions,
    SyncStatusOptions,
    TargetOptions,
    TuneOptions,
    UndoOptions,
    ValidateOptions,
    ValidateReferenceOptions,
)
from mytrader_etl.results import (
    DONE,
    Analysis,
    Backup,
    BootstrapResult,
    Check,
    Classification,
    ColumnDefault,
    ComponentStatus,
    ControlAnswer,
    Execution,
    FailedRecord,
    Health,
    JobResult,
    MarketStatus,
    Metric,
    OperationResult,
    OperationStatus,
    Orphan,
    PreviewLine,
    ReferenceFinding,
    ReferenceItem,
    RowChange,
    RowOutcome,
    SymbolFinding,
    SyncStatus,
    Target,
    Tuning,
)
from mytrader_etl.run import OnProgress, OperationRun
from mytrader_etl.session import complete, conninfo_of, open_session
from mytrader_etl.statements import Statement, bind

Row = TypeVar("Row")
Result = TypeVar("Result", bound=OperationResult)
Options = TypeVar("Options", bound=Routine)

APPLICATION = "mytrader-etl"
"""Name of the sessions, unless the connection string, PGAPPNAME or a service has another."""

_TARGETS = Statement("SELECT * FROM etl.correction_target ORDER BY target", {})
_FAILED_RECORDS = """
SELECT * FROM etl.failed_record
 WHERE execution_id = %(execution_id)s::uuid
 ORDER BY failed_record_id
"""


class Client:
    """Corrects, proves and undoes, through the routines of the schema ``etl``.

    >>> with Client.connect("postgresql:///trading") as client:
    ...     result = client.correct(max_concurrency=2)
    ...     client.rollback(result.execution_id, reason="not what we wanted")

    Operations that run in batches (:meth:`correct`, :meth:`rollback`, :meth:`resume`,
    :meth:`join`, :meth:`retry_failed`) open sessions of their own, like the client's connection;
    the connection itself only asks questions.  All methods raise the errors of
    :mod:`mytrader_etl.errors`.
    """

    def __init__(self, connection: Connection[Any]) -> None:
        """Use an open connection, which stays yours: it is never closed here.

        It must be autocommit (ValueError), because operations commit as they go.  Raises
        NotInstalledError and SchemaMismatchError where the schema ``etl`` is missing or of
        another version.
        """
        if not connection.autocommit:
            raise ValueError("Client needs an autocommit connection: set connection.autocommit")
        self._connection = connection
        self._dsn = conninfo_of(connection)
        self._name = connection.info.parameter_status("application_name") or APPLICATION
        self._owned = False
        self._require_version()

    @classmethod
    def connect(cls, dsn: str = "", *, connect_timeout: int = 10) -> Self:
        """Connect by a libpq connection string or URL.

        What ``dsn`` leaves open comes from libpq's environment (PGHOST, PGSERVICE, ...), service
        and password files; ``connect_timeout`` is in seconds.  Raises
        DatabaseUnavailableError as well.  Close the client, or use it in a ``with`` block.
        """
        try:
            connection = open_session(
                complete(
                    dsn, fallback_application_name=APPLICATION, connect_timeout=connect_timeout
                )
            )
        except psycopg.Error as error:
            raise translate(error) from error
        try:
            client = cls(connection)
        except BaseException:
            connection.close()
            raise
        client._owned = True
        return client

    def close(self) -> None:
        """Close the connection, unless it was handed in."""
        if self._owned:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Looking

    def analyze(self, target: str = "market_data") -> Analysis:
        """Count and score what is wrong with a target; reads its table once."""
        return self._one(AnalyzeOptions(target=target), Analysis)

    def preview(self, options: PreviewOptions | None = None, **changes: Any) -> list[PreviewLine]:
        """Tell what a correction with these options would do, and its risks; change nothing.

        ``changes`` are fields of :class:`~mytrader_etl.options.PreviewOptions`.
        """
        return self._all(_with(options or PreviewOptions(), changes), PreviewLine)

    def validate(
        self, correction_id: UUID | None = None, *, target: str = "market_data"
    ) -> list[Check]:
        """Prove that a correction, the latest if none is named, did what it says."""
        return self._all(ValidateOptions(correction_id=correction_id, target=target), Check)

    def status(self, correction_id: UUID | None = None) -> list[OperationStatus]:
        """Return the running and the latest operations, or the one asked for."""
        return self._all(StatusOptions(correction_id=correction_id), OperationStatus)

    def health(self, target: str = "market_data") -> Health:
        """Whether a target and its operations are in order, from what the last analysis stored."""
        return self._one(HealthOptions(target=target), Health)

    def metrics(self) -> list[Metric]:
        """Return the numbers that monitoring scrapes."""
        return self._all(MetricsOptions(), Metric)

    def history(
        self, operation: str | None = None, target: str | None = None, *, max_rows: int = 20
    ) -> list[Execution]:
        """Operations, newest first."""
        options = HistoryOptions(operation=operation, target=target, max_rows=max_rows)
        return self._all(options, Execution)

    def backups(self, target: str | None = None) -> list[Backup]:
        """Backup tables, newest first."""
        return self._all(BackupsOptions(target=target), Backup)

    def classify_symbol(self, ticker: str, venue: str | None = None) -> Classification:
        """Explain how a ticker is classified; no text is refused."""
        return self._one(ClassifyOptions(ticker=ticker, venue=venue), Classification)

    def find_orphaned_symbols(
        self, target: str = "market_data", *, count_bars: bool = False
    ) -> list[Orphan]:
        """Return the tickers that have bars and no symbol; with ``count_bars`` reads their bars."""
        return self._all(OrphansOptions(target=target, count_bars=count_bars), Orphan)

    def symbol_findings(
        self, execution_id: UUID | None = None, issue: str | None = None
    ) -> list[SymbolFinding]:
        """Return what a clean-up of symbols, the latest if none is named, found."""
        return self._all(FindingsOptions(execution_id=execution_id, issue=issue), SymbolFinding)

    def symbol_sync_status(self, target: str = "market_data") -> SyncStatus:
        """Whether the symbols are complete; what concerns bars is as it was last counted."""
        return self._one(SyncStatusOptions(target=target), SyncStatus)

    def rollback_outcomes(self, rollback_id: UUID, outcome: str | None = None) -> list[RowOutcome]:
        """Return what a rollback did to each row."""
        return self._all(OutcomesOptions(rollback_id=rollback_id, outcome=outcome), RowOutcome)

    def changes(self, execution_id: UUID) -> list[RowChange]:
        """Return what an operation did to the platform's tables, in the order it was done.

        For the id of an undo: the same rows, each with what that undo made of it.
        """
        return self._all(ChangesOptions(execution_id=execution_id), RowChange)

    def failed_records(self, execution_id: UUID) -> list[FailedRecord]:
        """Return the rows that an operation could not change, each with its error."""
        return self._query(
            Statement(_FAILED_RECORDS, {"execution_id": execution_id}), class_row(FailedRecord)
        )

    def targets(self) -> list[Target]:
        """Return the registered targets."""
        return self._query(_TARGETS, class_row(Target))

    # Operations in batches

    def correct(
        self,
        options: CorrectionOptions | None = None,
        *,
        on_progress: OnProgress | None = None,
        **changes: Any,
    ) -> OperationResult:
        """Correct the target's values, with ``max_concurrency`` sessions at once.

        ``changes`` are fields of :class:`~mytrader_etl.options.CorrectionOptions`.  A session
        that loses its connection is opened again, up to ``max_retries`` times, and the
        correction goes on.  Returns when it is completed or was paused (see ``status``); raises
        OperationTimedOutError, OperationCancelledError, ErrorRateError where it was stopped, and
        OperationInterruptedError where no session could go on or Ctrl-C was pressed: all of
        these can be resumed.
        """
        chosen = _with(options or CorrectionOptions(), changes)
        correction_id = chosen.correction_id or uuid4()
        return self._run(
            correction_id,
            replace(chosen, correction_id=correction_id),
            sessions=chosen.max_concurrency,
            max_retries=chosen.max_retries,
            on_progress=on_progress,
        )

    def rollback(
        self,
        correction_id: UUID | None = None,
        options: RollbackOptions | None = None,
        *,
        on_progress: OnProgress | None = None,
        **changes: Any,
    ) -> OperationResult:
        """Give the rows of a correction their old values back; an operation like any other.

        Name the correction by its id or in ``options``; ``changes`` are fields of
        :class:`~mytrader_etl.options.RollbackOptions`.  Sessions, errors and results as in
        :meth:`correct`; ``skipped`` counts rows kept because somebody changed them since.
        """
        if options is None:
            if correction_id is None:
                raise TypeError("rollback() needs a correction_id or options")
            options = RollbackOptions(correction_id=correction_id)
        chosen = _with(options, changes)
        rollback_id = chosen.rollback_id or uuid4()
        return self._run(
            rollback_id,
            replace(chosen, rollback_id=rollback_id),
            sessions=chosen.max_concurrency,
            max_retries=chosen.max_retries,
            on_progress=on_progress,
        )

    def undo(
        self,
        options: UndoOptions | UUID,
        *,
        on_progress: OnProgress | None = None,
        **changes: Any,
    ) -> OperationResult:
        """Undo any operation by its id; an operation like any other.

        ``changes`` are fields of :class:`~mytrader_etl.options.UndoOptions`.  Errors and results
        as in :meth:`rollback`.
        """
        if isinstance(options, UUID):
            options = UndoOptions(execution_id=options)
        chosen = _with(options, changes)
        rollback_id = chosen.rollback_id or uuid4()
        return self._run(
            rollback_id, replace(chosen, rollback_id=rollback_id), on_progress=on_progress
        )

    def resume(
        self,
        correction_id: UUID,
        *,
        timeout: Interval | None = None,
        max_concurrency: int = 1,
        on_progress: OnProgress | None = None,
    ) -> OperationResult:
        """Go on with a stopped correction or rollback; sessions and errors as in :meth:`correct`.

        ``timeout`` is a new limit, counted from now.
        """
        options = ResumeOptions(correction_id=correction_id, timeout=timeout)
        return self._run(correction_id, options, sessions=max_concurrency, on_progress=on_progress)

    def join(
        self, correction_id: UUID, *, on_progress: OnProgress | None = None
    ) -> OperationResult:
        """Work on a running operation with one more session, until it ends."""
        options = JoinOptions(correction_id=correction_id)
        return self._run(correction_id, options, on_progress=on_progress)

    def sync_symbols(
        self,
        options: SyncOptions | None = None,
        *,
        on_progress: OnProgress | None = None,
        **changes: Any,
    ) -> JobResult:
        """Add a symbol for every ticker that has bars and none.

        ``changes`` are fields of :class:`~mytrader_etl.options.SyncOptions`.  Sessions and errors
        as in :meth:`correct`.
        """
        chosen = _with(options or SyncOptions(), changes)
        sync_id = chosen.sync_id or uuid4()
        return self._run_job(
            sync_id,
            replace(chosen, sync_id=sync_id),
            sessions=chosen.max_concurrency,
            on_progress=on_progress,
        )

    def cleanup_symbols(
        self,
        options: CleanupOptions | None = None,
        *,
        on_progress: OnProgress | None = None,
        **changes: Any,
    ) -> JobResult:
        """Check every symbol, and fix what is safe; :meth:`symbol_findings` lists what it found.

        ``changes`` are fields of :class:`~mytrader_etl.options.CleanupOptions`.  Errors as in
        :meth:`correct`.
        """
        chosen = _with(options or CleanupOptions(), changes)
        cleanup_id = chosen.cleanup_id or uuid4()
        return self._run_job(
            cleanup_id, replace(chosen, cleanup_id=cleanup_id), on_progress=on_progress
        )

    def retry_failed(
        self,
        correction_id: UUID,
        *,
        retry_id: UUID | None = None,
        on_progress: OnProgress | None = None,
    ) -> OperationResult:
        """Try the failed records of a correction once more, as an operation of its own."""
        chosen = retry_id or uuid4()
        options = RetryOptions(correction_id=correction_id, retry_id=chosen)
        return self._run(chosen, options, on_progress=on_progress)

    # Control

    def cancel(self, execution_id: UUID, reason: str | None = None) -> ControlAnswer:
        """Stop an operation after its current batches, and free its target.  Can be resumed."""
        return self._one(CancelOptions(execution_id=execution_id, reason=reason), ControlAnswer)

    def pause(self, execution_id: UUID, reason: str | None = None) -> ControlAnswer:
        """Stop an operation after its current batches; its target stays reserved for it."""
        return self._one(PauseOptions(execution_id=execution_id, reason=reason), ControlAnswer)

    def tune(self, options: TuneOptions | UUID, **changes: Any) -> list[Tuning]:
        """Change the pace of an unfinished operation; its sessions follow at their next batch.

        ``changes`` are fields of :class:`~mytrader_etl.options.TuneOptions`.
        """
        if isinstance(options, UUID):
            options = TuneOptions(execution_id=options)
        return self._all(_with(options, changes), Tuning)

    # Backups and targets

    def purge_backups(
        self, *, older_than: Interval = "30 days", keep_last: int = 1, dry_run: bool = False
    ) -> OperationResult:
        """Drop old backup tables; the corrections they belong to can't be undone afterwards.

        ``changed`` counts the tables dropped, or with ``dry_run`` those that would be.
        """
        options = PurgeOptions(older_than=older_than, keep_last=keep_last, dry_run=dry_run)
        return self._call(options, OperationResult)

    def register_target(self, options: TargetOptions) -> None:
        """Register a table to correct, or change one with ``replace``."""
        statement = bind(options)
        try:
            self._connection.execute(statement.text, statement.values)
        except psycopg.Error as error:
            raise translate(error) from error

    def set_column_default(
        self, relation: str, column_name: str, value: str | None = None
    ) -> ColumnDefault:
        """Say what new rows of a platform table get in a column that no job knows.

        ``value`` is text that the column's type reads; None takes the setting back.
        """
        options = ColumnDefaultOptions(relation=relation, column_name=column_name, value=value)
        return self._one(options, ColumnDefault)

    # Reference data

    def bootstrap_reference_data(
        self, options: BootstrapOptions | None = None, **changes: Any
    ) -> BootstrapResult:
        """Put asset classes, markets, trading sessions and data providers into their tables.

        ``changes`` are fields of :class:`~mytrader_etl.options.BootstrapOptions`.  Rows that are
        there already stay as they are unless ``overwrite_existing``; :meth:`undo` takes it back.
        """
        return self._call(_with(options or BootstrapOptions(), changes), BootstrapResult)

    def reference_data(self) -> list[ReferenceItem]:
        """Return the reference data itself."""
        return self._all(ReferenceDataOptions(), ReferenceItem)

    def validate_reference_data(self) -> list[ReferenceFinding]:
        """Return what is wrong with the platform's reference data; an empty list: nothing."""
        return self._all(ValidateReferenceOptions(), ReferenceFinding)

    def bootstrap_status(self) -> list[ComponentStatus]:
        """Tell for each component how many of its rows are present, missing and customised."""
        return self._all(BootstrapStatusOptions(), ComponentStatus)

    def market_status(
        self, market: str | None = None, at: datetime | str | None = None
    ) -> list[MarketStatus]:
        """Tell which markets are open, now or at another moment, and when that changes.

        ``at`` is an aware datetime, or text that PostgreSQL reads.
        """
        return self._all(MarketStatusOptions(market=market, at=at), MarketStatus)

    def create_platform_tables(self, schema: str = "public") -> list[str]:
        """Create the platform's tables that are missing; return their names."""
        ((created,),) = self._query(bind(PlatformTablesOptions(schema=schema)), tuple_row)
        return list(created)

    # Within

    def _require_version(self) -> None:
        try:
            self._connection.execute("SELECT etl.require_version(%s::text)", [LIBRARY_VERSION])
        except (psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedFunction) as error:
            raise NotInstalledError(
                f"mytrader-etl is not installed in database {self._connection.info.dbname}",
                sqlstate=error.sqlstate,
                hint="Install it with: mytrader-etl migrate up",
            ) from error
        except psycopg.Error as error:
            raise translate(error) from error

    def _run(
        self,
        execution_id: UUID,
        start: Routine,
        *,
        sessions: int = 1,
        max_retries: int = 3,
        on_progress: OnProgress | None = None,
    ) -> OperationResult:
        run = OperationRun(
            self._open_session,
            execution_id,
            start,
            sessions=sessions,
            max_retries=max_retries,
            on_progress=on_progress,
        )
        return OperationResult.of(run.run())

    def _run_job(
        self,
        execution_id: UUID,
        start: Routine,
        *,
        sessions: int = 1,
        on_progress: OnProgress | None = None,
    ) -> JobResult:
        """Run a job that reports more than its status does: called again, it only reports."""
        ended = self._run(execution_id, start, sessions=sessions, on_progress=on_progress)
        report: dict[str, Any] = {}
        if ended.status in DONE:
            (row,) = self._query(bind(start), tuple_row)
            report = row[-1]
        return JobResult(
            **{field.name: getattr(ended, field.name) for field in fields(OperationResult)},
            result=report,
        )

    def _open_session(self, role: str) -> Connection[Any]:
        return open_session(self._dsn, application_name=f"{self._name} {role}")

    def _call(self, options: Routine, kind: type[Result]) -> Result:
        """Run a job to its end in this session; its result row has the fields of ``kind``."""
        (row,) = self._query(bind(options), tuple_row)
        names = (field.name for field in fields(kind))
        return kind(**dict(zip(names, row, strict=True)))

    def _one(self, options: Routine, kind: type[Row]) -> Row:
        (row,) = self._all(options, kind)
        return row

    def _all(self, options: Routine, kind: type[Row]) -> list[Row]:
        return self._query(bind(options), class_row(kind))

    def _query(self, statement: Statement, rows: RowFactory[Row]) -> list[Row]:
        try:
            with self._connection.cursor(row_factory=rows) as cursor:
                return cursor.execute(statement.text, statement.values).fetchall()
        except psycopg.Error as error:
            raise translate(error) from error


def _with(options: Options, changes: dict[str, Any]) -> Options:
    return replace(options, **changes) if changes else options
