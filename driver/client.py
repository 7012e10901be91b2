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
    UNSET,
    AnalyzeAssetClassesOptions,
    BootstrapReferenceDataOptions,
    BootstrapStatusOptions,
    CancelOperationOptions,
    ClassifySymbolOptions,
    CorrectAssetClassesOptions,
    CorrectionHealthOptions,
    CorrectionMetricsOptions,
    CreatePlatformTablesOptions,
    ExecutionHistoryOptions,
    FindOrphanedSymbolsOptions,
    Interval,
    JoinOperationOptions,
    ListBackupsOptions,
    MarketStatusOptions,
    OperationChangesOptions,
    OperationStatusOptions,
    PauseOperationOptions,
    PreviewCorrectionOptions,
    PurgeBackupsOptions,
    ReferenceDataOptions,
    RegisterTargetOptions,
    ResumeOperationOptions,
    RetryFailedRecordsOptions,
    RollbackCorrectionOptions,
    RollbackOperationOptions,
    RollbackOutcomesOptions,
    Routine,
    SetColumnDefaultOptions,
    SymbolFindingsOptions,
    SymbolSyncStatusOptions,
    SyncSymbolsOptions,
    TuneOperationOptions,
    Unset,
    ValidateCleanupSymbolsOptions,
    ValidateCorrectionsOptions,
    ValidateReferenceDataOptions,
)
from mytrader_etl.results import (
    DONE,
    Analysis,
    Backup,
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

RETRIES = 3
"""How often a session may be lost in an operation that has no option for it."""

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

    def analyze(self, target: str | Unset | None = UNSET) -> Analysis:
        """Count and score what is wrong with a target; reads its table once."""
        return self._one(AnalyzeAssetClassesOptions(target=target), Analysis)

    def preview(
        self, options: PreviewCorrectionOptions | None = None, **changes: Any
    ) -> list[PreviewLine]:
        """Tell what a correction with these options would do, and its risks; change nothing.

        ``changes`` are fields of :class:`~mytrader_etl.options.PreviewCorrectionOptions`.
        """
        return self._all(_with(options or PreviewCorrectionOptions(), changes), PreviewLine)

    def validate(
        self, correction_id: UUID | Unset | None = UNSET, *, target: str | Unset | None = UNSET
    ) -> list[Check]:
        """Prove that a correction, the latest if none is named, did what it says."""
        return self._all(
            ValidateCorrectionsOptions(correction_id=correction_id, target=target), Check
        )

    def status(self, execution_id: UUID | Unset | None = UNSET) -> list[OperationStatus]:
        """Return the running and the latest operations, or the one asked for."""
        return self._all(OperationStatusOptions(execution_id=execution_id), OperationStatus)

    def health(self, target: str | Unset | None = UNSET) -> Health:
        """Whether a target and its operations are in order, from what the last analysis stored."""
        return self._one(CorrectionHealthOptions(target=target), Health)

    def metrics(self) -> list[Metric]:
        """Return the numbers that monitoring scrapes."""
        return self._all(CorrectionMetricsOptions(), Metric)

    def history(
        self,
        operation: str | Unset | None = UNSET,
        target: str | Unset | None = UNSET,
        *,
        max_rows: int | Unset | None = UNSET,
    ) -> list[Execution]:
        """Operations, newest first."""
        options = ExecutionHistoryOptions(operation=operation, target=target, max_rows=max_rows)
        return self._all(options, Execution)

    def backups(self, target: str | Unset | None = UNSET) -> list[Backup]:
        """Backup tables, newest first."""
        return self._all(ListBackupsOptions(target=target), Backup)

    def classify_symbol(self, ticker: str, venue: str | Unset | None = UNSET) -> Classification:
        """Explain how a ticker is classified; no text is refused."""
        return self._one(ClassifySymbolOptions(ticker=ticker, venue=venue), Classification)

    def find_orphaned_symbols(
        self, target: str | Unset | None = UNSET, *, count_bars: bool | Unset | None = UNSET
    ) -> list[Orphan]:
        """Return the tickers that have bars and no symbol; with ``count_bars`` reads their bars."""
        return self._all(FindOrphanedSymbolsOptions(target=target, count_bars=count_bars), Orphan)

    def symbol_findings(
        self, execution_id: UUID | Unset | None = UNSET, issue: str | Unset | None = UNSET
    ) -> list[SymbolFinding]:
        """Return what a clean-up of symbols, the latest if none is named, found."""
        return self._all(
            SymbolFindingsOptions(execution_id=execution_id, issue=issue), SymbolFinding
        )

    def symbol_sync_status(self, target: str | Unset | None = UNSET) -> SyncStatus:
        """Whether the symbols are complete; what concerns bars is as it was last counted."""
        return self._one(SymbolSyncStatusOptions(target=target), SyncStatus)

    def rollback_outcomes(
        self, rollback_id: UUID, outcome: str | Unset | None = UNSET
    ) -> list[RowOutcome]:
        """Return what a rollback did to each row."""
        return self._all(
            RollbackOutcomesOptions(rollback_id=rollback_id, outcome=outcome), RowOutcome
        )

    def changes(self, execution_id: UUID) -> list[RowChange]:
        """Return what an operation did to the platform's tables, in the order it was done.

        For the id of an undo: the same rows, each with what that undo made of it.
        """
        return self._all(OperationChangesOptions(execution_id=execution_id), RowChange)

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
        options: CorrectAssetClassesOptions | None = None,
        *,
        on_progress: OnProgress | None = None,
        **changes: Any,
    ) -> OperationResult:
        """Correct the target's values, with ``max_concurrency`` sessions at once.

        ``changes`` are fields of :class:`~mytrader_etl.options.CorrectAssetClassesOptions`.  A
        session that loses its connection is opened again, up to ``max_retries`` times, and the
        correction goes on.  Returns when it is completed or was paused (see ``status``); raises
        OperationTimedOutError, OperationCancelledError, ErrorRateError where it was stopped, and
        OperationInterruptedError where no session could go on or Ctrl-C was pressed: all of these
        can be resumed.
        """
        chosen = _with(options or CorrectAssetClassesOptions(), changes)
        correction_id = chosen.correction_id or uuid4()
        return self._run(
            correction_id, replace(chosen, correction_id=correction_id), on_progress=on_progress
        )

    def rollback(
        self,
        correction_id: UUID | None = None,
        options: RollbackCorrectionOptions | None = None,
        *,
        on_progress: OnProgress | None = None,
        **changes: Any,
    ) -> OperationResult:
        """Give the rows of a correction their old values back; an operation like any other.

        Name the correction by its id or in ``options``; ``changes`` are fields of
        :class:`~mytrader_etl.options.RollbackCorrectionOptions`.  Sessions, errors and results as
        in :meth:`correct`; ``skipped`` counts rows kept because somebody changed them since.
        """
        if options is None:
            if correction_id is None:
                raise TypeError("rollback() needs a correction_id or options")
            options = RollbackCorrectionOptions(correction_id=correction_id)
        chosen = _with(options, changes)
        rollback_id = chosen.rollback_id or uuid4()
        return self._run(
            rollback_id, replace(chosen, rollback_id=rollback_id), on_progress=on_progress
        )

    def undo(
        self,
        options: RollbackOperationOptions | UUID,
        *,
        on_progress: OnProgress | None = None,
        **changes: Any,
    ) -> OperationResult:
        """Undo any operation by its id; an operation like any other.

        ``changes`` are fields of :class:`~mytrader_etl.options.RollbackOperationOptions`.  Errors
        and results as in :meth:`rollback`.
        """
        if isinstance(options, UUID):
            options = RollbackOperationOptions(execution_id=options)
        chosen = _with(options, changes)
        rollback_id = chosen.rollback_id or uuid4()
        return self._run(
            rollback_id, replace(chosen, rollback_id=rollback_id), on_progress=on_progress
        )

    def resume(
        self,
        execution_id: UUID,
        *,
        timeout: Interval | Unset | None = UNSET,
        max_concurrency: int = 1,
        on_progress: OnProgress | None = None,
    ) -> OperationResult:
        """Go on with a stopped operation of any kind; sessions and errors as in :meth:`correct`.

        ``timeout`` is a new limit, counted from now.
        """
        options = ResumeOperationOptions(execution_id=execution_id, timeout=timeout)
        return self._run(execution_id, options, sessions=max_concurrency, on_progress=on_progress)

    def join(self, execution_id: UUID, *, on_progress: OnProgress | None = None) -> OperationResult:
        """Work on a running operation with one more session, until it ends."""
        options = JoinOperationOptions(execution_id=execution_id)
        return self._run(execution_id, options, on_progress=on_progress)

    def sync_symbols(
        self,
        options: SyncSymbolsOptions | None = None,
        *,
        on_progress: OnProgress | None = None,
        **changes: Any,
    ) -> JobResult:
        """Add a symbol for every ticker that has bars and none.

        ``changes`` are fields of :class:`~mytrader_etl.options.SyncSymbolsOptions`.  Sessions and
        errors as in :meth:`correct`.
        """
        chosen = _with(options or SyncSymbolsOptions(), changes)
        sync_id = chosen.sync_id or uuid4()
        return self._run_job(sync_id, replace(chosen, sync_id=sync_id), on_progress=on_progress)

    def cleanup_symbols(
        self,
        options: ValidateCleanupSymbolsOptions | None = None,
        *,
        on_progress: OnProgress | None = None,
        **changes: Any,
    ) -> JobResult:
        """Check every symbol, and fix what is safe; :meth:`symbol_findings` lists what it found.

        ``changes`` are fields of :class:`~mytrader_etl.options.ValidateCleanupSymbolsOptions`.
        Errors as in :meth:`correct`.
        """
        chosen = _with(options or ValidateCleanupSymbolsOptions(), changes)
        cleanup_id = chosen.cleanup_id or uuid4()
        return self._run_job(
            cleanup_id, replace(chosen, cleanup_id=cleanup_id), on_progress=on_progress
        )

    def retry_failed(
        self,
        correction_id: UUID,
        *,
        retry_id: UUID | Unset | None = UNSET,
        on_progress: OnProgress | None = None,
    ) -> OperationResult:
        """Try the failed records of a correction once more, as an operation of its own."""
        chosen = retry_id or uuid4()
        options = RetryFailedRecordsOptions(correction_id=correction_id, retry_id=chosen)
        return self._run(chosen, options, on_progress=on_progress)

    # Control

    def cancel(self, execution_id: UUID, reason: str | Unset | None = UNSET) -> ControlAnswer:
        """Stop an operation after its current batches, and free its target.  Can be resumed."""
        return self._one(
            CancelOperationOptions(execution_id=execution_id, reason=reason), ControlAnswer
        )

    def pause(self, execution_id: UUID, reason: str | Unset | None = UNSET) -> ControlAnswer:
        """Stop an operation after its current batches; its target stays reserved for it."""
        return self._one(
            PauseOperationOptions(execution_id=execution_id, reason=reason), ControlAnswer
        )

    def tune(self, options: TuneOperationOptions | UUID, **changes: Any) -> list[Tuning]:
        """Change the pace of an unfinished operation; its sessions follow at their next batch.

        ``changes`` are fields of :class:`~mytrader_etl.options.TuneOperationOptions`.
        """
        if isinstance(options, UUID):
            options = TuneOperationOptions(execution_id=options)
        return self._all(_with(options, changes), Tuning)

    # Backups and targets

    def purge_backups(
        self, options: PurgeBackupsOptions | None = None, **changes: Any
    ) -> OperationResult:
        """Drop old backup tables; the corrections they belong to can't be undone afterwards.

        ``changes`` are fields of :class:`~mytrader_etl.options.PurgeBackupsOptions`.  ``changed``
        counts the tables dropped, or with ``dry_run`` those that would be.
        """
        return self._call(_with(options or PurgeBackupsOptions(), changes), OperationResult)

    def register_target(self, options: RegisterTargetOptions) -> None:
        """Register a table to correct, or change one with ``replace``."""
        statement = bind(options)
        try:
            self._connection.execute(statement.text, statement.values)
        except psycopg.Error as error:
            raise translate(error) from error

    def set_column_default(
        self, relation: str, column_name: str, value: str | Unset | None = UNSET
    ) -> ColumnDefault:
        """Say what new rows of a platform table get in a column that no job knows.

        ``value`` is text that the column's type reads; None takes the setting back.
        """
        options = SetColumnDefaultOptions(relation=relation, column_name=column_name, value=value)
        return self._one(options, ColumnDefault)

    # Reference data

    def bootstrap_reference_data(
        self, options: BootstrapReferenceDataOptions | None = None, **changes: Any
    ) -> JobResult:
        """Put asset classes, markets, trading sessions and data providers into their tables.

        ``changes`` are fields of :class:`~mytrader_etl.options.BootstrapReferenceDataOptions`.
        Rows that are there already stay as they are unless ``overwrite_existing``; :meth:`undo`
        takes it back.
        """
        return self._call(_with(options or BootstrapReferenceDataOptions(), changes), JobResult)

    def reference_data(self) -> list[ReferenceItem]:
        """Return the reference data itself."""
        return self._all(ReferenceDataOptions(), ReferenceItem)

    def validate_reference_data(self) -> list[ReferenceFinding]:
        """Return what is wrong with the platform's reference data; an empty list: nothing."""
        return self._all(ValidateReferenceDataOptions(), ReferenceFinding)

    def bootstrap_status(self) -> list[ComponentStatus]:
        """Tell for each component how many of its rows are present, missing and customised."""
        return self._all(BootstrapStatusOptions(), ComponentStatus)

    def market_status(
        self, market: str | Unset | None = UNSET, at: datetime | str | Unset | None = UNSET
    ) -> list[MarketStatus]:
        """Tell which markets are open, now or at another moment, and when that changes.

        ``at`` is an aware datetime, or text that PostgreSQL reads.
        """
        return self._all(MarketStatusOptions(market=market, at=at), MarketStatus)

    def create_platform_tables(self, schema: str | Unset | None = UNSET) -> list[str]:
        """Create the platform's tables that are missing; return their names."""
        ((created,),) = self._query(bind(CreatePlatformTablesOptions(schema=schema)), tuple_row)
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
        sessions: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> OperationResult:
        """Run an operation, with the sessions and retries that its options or defaults name."""
        run = OperationRun(
            self._open_session,
            execution_id,
            start,
            sessions=sessions or start.effective("max_concurrency") or 1,
            max_retries=start.effective("max_retries", RETRIES) or 0,
            on_progress=on_progress,
        )
        return OperationResult.of(run.run())

    def _run_job(
        self, execution_id: UUID, start: Routine, *, on_progress: OnProgress | None = None
    ) -> JobResult:
        """Run a job that reports more than its status does: called again, it only reports."""
        ended = self._run(execution_id, start, on_progress=on_progress)
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
