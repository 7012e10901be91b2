"""What each public routine of the schema ``etl`` takes: one frozen dataclass per routine.

A field's annotation carries its SQL type and its explanation, its default is the default of the
database; statements, command line and reference are all made from here.  Nothing is validated
here: the database does that, and answers with :class:`~mytrader_etl.errors.InvalidOptionError`.

An *interval* is a :class:`~datetime.timedelta` or a text that PostgreSQL reads (``'500 ms'``,
``'2 hours'``).  ``None`` leaves an option at the default of the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, ClassVar, get_type_hints
from uuid import UUID

Interval = timedelta | str


class Null(Enum):
    """An SQL NULL that is meant: ``None`` leaves an option at the default of the database."""

    NULL = "NULL"


NULL = Null.NULL
"""The value to give where NULL means something of its own, as in ``known_values``."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """The SQL side of a field: its type, what it means, and its choices if they are few.

    On the command line a ``positional`` one stands without its name, as all required ones do.  A
    ``nullable`` one takes ``NULL`` for a value of its own.
    """

    sql_type: str
    help: str
    choices: tuple[str, ...] = ()
    positional: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Declared:
    """A parameter together with its name and its default (``MISSING`` where it is required)."""

    name: str
    parameter: Parameter
    default: Any

    @property
    def required(self) -> bool:
        """Whether a call must give it."""
        return self.default is MISSING


@dataclass(frozen=True, kw_only=True)
class Routine:
    """Base of the dataclasses below: the parameters of the routine ``etl.<routine>``."""

    routine: ClassVar[str]
    is_procedure: ClassVar[bool] = False

    @classmethod
    def declared(cls) -> Iterator[Declared]:
        """Yield the parameters of the routine, in the order of the fields."""
        hints = get_type_hints(cls, include_extras=True)
        for field in fields(cls):
            yield Declared(field.name, hints[field.name].__metadata__[0], field.default)

    def given(self) -> Iterator[tuple[Declared, Any]]:
        """Yield the parameters whose values differ from their defaults, with these values."""
        for declared in self.declared():
            value = getattr(self, declared.name)
            if value is not None and value != declared.default:
                yield declared, None if value is NULL else value


_TARGET = Parameter("text", "Registered target to work on.")
_CORRECTION_ID = Parameter("uuid", "Id of the correction.")
_EXECUTION_ID = Parameter("uuid", "Id of the operation.")
_REASON = Parameter("text", "Why, for the history and the audit log.")
_BATCH_SIZE = Parameter("int", "Rows of the first batch (1 to 10,000,000); tuned when adaptive.")
_ADAPTIVE = Parameter("boolean", "Tune the batch size towards the target batch time.")
_TARGET_BATCH_TIME = Parameter("interval", "How long one batch should take.")
_MAX_CONCURRENCY = Parameter("int", "Sessions that may work on the operation at once.")
_DRY_RUN = Parameter("boolean", "Go through everything and report it, change nothing.")
_TIMEOUT = Parameter("interval", "Stop, resumable, after this long.")
_MAX_RETRIES = Parameter("int", "Retries after a deadlock, lock timeout or lost connection.")
_LOCK_TIMEOUT = Parameter("interval", "How long a batch waits for a lock before it is retried.")
_PAUSE_BETWEEN_BATCHES = Parameter("interval", "Rest after each batch, to spare the server.")
_MAX_REPLICA_LAG = Parameter("interval", "Wait while a standby is further behind than this.")
_MAX_SLOT_LAG = Parameter(
    "text", "Wait while a replication slot retains more WAL than this, such as 10 GB."
)
_MAX_WAL_RATE = Parameter("text", "Write at most so much WAL a second, such as 20 MB.")
_MAX_DUTY_CYCLE = Parameter(
    "numeric",
    "Work for this percentage of the time only, resting for moments, also within a batch.",
)
_MAX_DEAD_ROWS = Parameter(
    "numeric", "Slow down while more than this percentage of the table's rows is dead."
)
_MAX_SNAPSHOT_AGE = Parameter(
    "interval", "Wait while a transaction that holds back vacuum is older than this."
)
_ALLOWED_HOURS = Parameter(
    "text", "Work only in these hours, such as '22:00-06:00 Europe/Istanbul'; wait outside."
)
_MAX_ERROR_RATE = Parameter("numeric", "Stop above this percentage of failed records.")
_TARGET_SYMBOLS = Parameter("text[]", "Only rows of these symbols.")


@dataclass(frozen=True, kw_only=True)
class _Batches(Routine):
    """How the work is cut, and among how many sessions it is divided."""

    batch_size: Annotated[int, _BATCH_SIZE] = 1000
    adaptive: Annotated[bool, _ADAPTIVE] = True
    target_batch_time: Annotated[Interval, _TARGET_BATCH_TIME] = "500 ms"
    max_concurrency: Annotated[int, _MAX_CONCURRENCY] = 1


@dataclass(frozen=True, kw_only=True)
class _Pace(_Batches):
    """How fast a batched operation goes, and how it behaves beside other sessions."""

    max_retries: Annotated[int, _MAX_RETRIES] = 3
    lock_timeout: Annotated[Interval, _LOCK_TIMEOUT] = "2 s"
    pause_between_batches: Annotated[Interval, _PAUSE_BETWEEN_BATCHES] = "0"
    max_replica_lag: Annotated[Interval | None, _MAX_REPLICA_LAG] = None
    max_slot_lag: Annotated[str | None, _MAX_SLOT_LAG] = None
    max_wal_rate: Annotated[str | None, _MAX_WAL_RATE] = None
    max_duty_cycle: Annotated[Decimal | float | None, _MAX_DUTY_CYCLE] = None
    max_dead_rows: Annotated[Decimal | float | None, _MAX_DEAD_ROWS] = None
    max_snapshot_age: Annotated[Interval | None, _MAX_SNAPSHOT_AGE] = None
    allowed_hours: Annotated[str | None, _ALLOWED_HOURS] = None
    max_error_rate: Annotated[Decimal | float, _MAX_ERROR_RATE] = 10
    dry_run: Annotated[bool, _DRY_RUN] = False
    reason: Annotated[str | None, _REASON] = None


@dataclass(frozen=True, kw_only=True)
class _Selection(Routine):
    """Which records a correction is about."""

    target: Annotated[str, _TARGET] = "market_data"
    target_symbols: Annotated[Sequence[str] | None, _TARGET_SYMBOLS] = None
    only_process_null_asset_class: Annotated[
        bool,
        Parameter("boolean", "Only NULL and empty values; otherwise unknown classes as well."),
    ] = True
    overwrite_existing_values: Annotated[
        bool, Parameter("boolean", "Also known values that differ from the symbol's.")
    ] = False
    max_records_to_process: Annotated[
        int | None, Parameter("bigint", "Change at most this many records.")
    ] = None
    create_backup: Annotated[
        bool, Parameter("boolean", "Keep a before-image of every changed row.")
    ] = True


@dataclass(frozen=True, kw_only=True)
class CorrectionOptions(_Pace, _Selection):
    """``etl.correct_asset_classes``: correct the target's values from its dimension table.

    A start can be repeated: with the id of an unfinished correction it goes on with that one,
    with the id of a finished one it only reports.
    """

    routine: ClassVar[str] = "correct_asset_classes"
    is_procedure: ClassVar[bool] = True

    validate_after_each_batch: Annotated[
        bool, Parameter("boolean", "Check each batch before it is committed.")
    ] = True
    timeout: Annotated[Interval, _TIMEOUT] = "2 hours"
    correction_id: Annotated[
        UUID | None, Parameter("uuid", "Id to run under; a new one when not given.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class PreviewOptions(_Batches, _Selection):
    """``etl.preview_correction``: what a correction with these options would do."""

    routine: ClassVar[str] = "preview_correction"

    sample_size: Annotated[int, Parameter("int", "Show this many records as examples.")] = 10
    run_trial: Annotated[
        bool,
        Parameter("boolean", "Try it on at most 1 % of the rows, undo that, and forecast from it."),
    ] = False

    @classmethod
    def of(cls, correction: CorrectionOptions) -> PreviewOptions:
        """Return the options with which to preview ``correction``."""
        shared = (field.name for field in (*fields(_Batches), *fields(_Selection)))
        return cls(**{name: getattr(correction, name) for name in shared})


@dataclass(frozen=True, kw_only=True)
class JoinOptions(Routine):
    """``etl.join_correction``: work on a running operation with one more session."""

    routine: ClassVar[str] = "join_correction"
    is_procedure: ClassVar[bool] = True

    correction_id: Annotated[UUID, _EXECUTION_ID]


@dataclass(frozen=True, kw_only=True)
class ResumeOptions(Routine):
    """``etl.resume_correction``: go on with a stopped correction or rollback."""

    routine: ClassVar[str] = "resume_correction"
    is_procedure: ClassVar[bool] = True

    correction_id: Annotated[UUID, _EXECUTION_ID]
    timeout: Annotated[
        Interval | None, Parameter("interval", "A new time limit; as before when not given.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class RollbackOptions(_Pace):
    """``etl.rollback_correction``: give the rows of a correction their old values back."""

    routine: ClassVar[str] = "rollback_correction"
    is_procedure: ClassVar[bool] = True

    correction_id: Annotated[UUID, _CORRECTION_ID]
    rollback_id: Annotated[
        UUID | None, Parameter("uuid", "Id to run under; a new one when not given.")
    ] = None
    target_symbols: Annotated[Sequence[str] | None, _TARGET_SYMBOLS] = None
    batch_numbers: Annotated[
        Sequence[int] | None, Parameter("int[]", "Only what these batches changed.")
    ] = None
    on_conflict: Annotated[
        str,
        Parameter(
            "text", "What to do with rows changed since the correction.", ("keep", "force", "abort")
        ),
    ] = "keep"
    validate_after_rollback: Annotated[
        bool,
        Parameter(
            "boolean", "Check that each restored row holds its old value, whatever triggers do."
        ),
    ] = True
    timeout: Annotated[Interval, _TIMEOUT] = "30 minutes"


@dataclass(frozen=True, kw_only=True)
class UndoOptions(Routine):
    """``etl.rollback_operation``: undo any operation by its id."""

    routine: ClassVar[str] = "rollback_operation"
    is_procedure: ClassVar[bool] = True

    execution_id: Annotated[UUID, _EXECUTION_ID]
    rollback_id: Annotated[
        UUID | None, Parameter("uuid", "Id to run under; a new one when not given.")
    ] = None
    on_conflict: Annotated[
        str,
        Parameter(
            "text", "What to do with rows changed since the operation.", ("keep", "force", "abort")
        ),
    ] = "keep"
    dry_run: Annotated[bool, _DRY_RUN] = False
    timeout: Annotated[Interval, _TIMEOUT] = "30 minutes"
    reason: Annotated[str | None, _REASON] = None


@dataclass(frozen=True, kw_only=True)
class ChangesOptions(Routine):
    """``etl.operation_changes``: what an operation did to the platform's tables, row by row."""

    routine: ClassVar[str] = "operation_changes"

    execution_id: Annotated[UUID, _EXECUTION_ID]


@dataclass(frozen=True, kw_only=True)
class RetryOptions(Routine):
    """``etl.retry_failed_records``: try the failed records of a correction once more."""

    routine: ClassVar[str] = "retry_failed_records"
    is_procedure: ClassVar[bool] = True

    correction_id: Annotated[UUID, _CORRECTION_ID]
    retry_id: Annotated[
        UUID | None, Parameter("uuid", "Id to run under; a new one when not given.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class TuneOptions(Routine):
    """``etl.tune_operation``: change the pace of an unfinished operation; ``None`` leaves it."""

    routine: ClassVar[str] = "tune_operation"

    execution_id: Annotated[UUID, _EXECUTION_ID]
    batch_size: Annotated[int | None, _BATCH_SIZE] = None
    adaptive: Annotated[bool | None, _ADAPTIVE] = None
    target_batch_time: Annotated[Interval | None, _TARGET_BATCH_TIME] = None
    lock_timeout: Annotated[Interval | None, _LOCK_TIMEOUT] = None
    pause_between_batches: Annotated[Interval | None, _PAUSE_BETWEEN_BATCHES] = None
    max_replica_lag: Annotated[Interval | None, _MAX_REPLICA_LAG] = None
    max_slot_lag: Annotated[str | None, _MAX_SLOT_LAG] = None
    max_wal_rate: Annotated[str | None, _MAX_WAL_RATE] = None
    max_duty_cycle: Annotated[Decimal | float | None, _MAX_DUTY_CYCLE] = None
    max_dead_rows: Annotated[Decimal | float | None, _MAX_DEAD_ROWS] = None
    max_snapshot_age: Annotated[Interval | None, _MAX_SNAPSHOT_AGE] = None
    allowed_hours: Annotated[str | None, _ALLOWED_HOURS] = None
    max_retries: Annotated[int | None, _MAX_RETRIES] = None
    max_error_rate: Annotated[Decimal | float | None, _MAX_ERROR_RATE] = None
    timeout: Annotated[Interval | None, _TIMEOUT] = None
    lift: Annotated[
        Sequence[str] | None, Parameter("text[]", "Limits that shall hold no longer, by name.")
    ] = None
    reason: Annotated[str | None, _REASON] = None


@dataclass(frozen=True, kw_only=True)
class CancelOptions(Routine):
    """``etl.cancel_operation``: stop an operation and free its target.  Can be resumed."""

    routine: ClassVar[str] = "cancel_operation"

    execution_id: Annotated[UUID, _EXECUTION_ID]
    reason: Annotated[str | None, _REASON] = None


@dataclass(frozen=True, kw_only=True)
class PauseOptions(Routine):
    """``etl.pause_operation``: stop an operation and keep its target reserved for it."""

    routine: ClassVar[str] = "pause_operation"

    execution_id: Annotated[UUID, _EXECUTION_ID]
    reason: Annotated[str | None, _REASON] = None


@dataclass(frozen=True, kw_only=True)
class AnalyzeOptions(Routine):
    """``etl.analyze_asset_classes``: count and score what is wrong; reads the table once."""

    routine: ClassVar[str] = "analyze_asset_classes"

    target: Annotated[str, _TARGET] = "market_data"


@dataclass(frozen=True, kw_only=True)
class ValidateOptions(Routine):
    """``etl.validate_corrections``: prove that a correction did what it says."""

    routine: ClassVar[str] = "validate_corrections"

    correction_id: Annotated[
        UUID | None,
        Parameter("uuid", "Id of the correction; the latest when not given.", positional=True),
    ] = None
    target: Annotated[str, _TARGET] = "market_data"


@dataclass(frozen=True, kw_only=True)
class StatusOptions(Routine):
    """``etl.correction_status``: the running and the latest operations, or the one asked for."""

    routine: ClassVar[str] = "correction_status"

    correction_id: Annotated[
        UUID | None, Parameter("uuid", "Id of the operation.", positional=True)
    ] = None


@dataclass(frozen=True, kw_only=True)
class HealthOptions(Routine):
    """``etl.correction_health``: is the data of a target in order, and its operations too."""

    routine: ClassVar[str] = "correction_health"

    target: Annotated[str, _TARGET] = "market_data"


@dataclass(frozen=True, kw_only=True)
class MetricsOptions(Routine):
    """``etl.correction_metrics``: the numbers that monitoring scrapes."""

    routine: ClassVar[str] = "correction_metrics"


@dataclass(frozen=True, kw_only=True)
class HistoryOptions(Routine):
    """``etl.execution_history``: past and running operations, newest first."""

    routine: ClassVar[str] = "execution_history"

    operation: Annotated[
        str | None, Parameter("text", "Only this kind of operation, such as correction.")
    ] = None
    target: Annotated[str | None, Parameter("text", "Only operations on this target.")] = None
    max_rows: Annotated[int, Parameter("int", "At most this many operations.")] = 20


@dataclass(frozen=True, kw_only=True)
class BackupsOptions(Routine):
    """``etl.list_backups``: the backup tables and what they are still good for."""

    routine: ClassVar[str] = "list_backups"

    target: Annotated[str | None, Parameter("text", "Only backups of this target.")] = None


@dataclass(frozen=True, kw_only=True)
class PurgeOptions(Routine):
    """``etl.purge_backups``: drop old backup tables; their corrections can't be undone then."""

    routine: ClassVar[str] = "purge_backups"
    is_procedure: ClassVar[bool] = True

    older_than: Annotated[Interval, Parameter("interval", "Only backups older than this.")] = (
        "30 days"
    )
    keep_last: Annotated[
        int, Parameter("int", "Keep this many of the newest backups whatever their age.")
    ] = 1
    dry_run: Annotated[bool, _DRY_RUN] = False


@dataclass(frozen=True, kw_only=True)
class OutcomesOptions(Routine):
    """``etl.rollback_outcomes``: what a rollback did to each row."""

    routine: ClassVar[str] = "rollback_outcomes"

    rollback_id: Annotated[UUID, Parameter("uuid", "Id of the rollback.")]
    outcome: Annotated[
        str | None,
        Parameter(
            "text",
            "Only rows with this outcome.",
            ("restored", "forced", "kept", "missing", "unchanged", "failed", "held"),
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class TargetOptions(Routine):
    """``etl.register_target``: name a fact table, its dimension table and their columns."""

    routine: ClassVar[str] = "register_target"
    is_procedure: ClassVar[bool] = True

    target: Annotated[str, Parameter("text", "Name of the target.")]
    fact_table: Annotated[str, Parameter("regclass", "Table to correct, as written in SQL.")]
    key_columns: Annotated[
        Sequence[str] | None, Parameter("text[]", "Its key; the primary key when not given.")
    ] = None
    match_column: Annotated[str, Parameter("text", "Column that names the symbol.")] = "symbol"
    value_column: Annotated[str, Parameter("text", "Column to correct.")] = "asset_class"
    touch_column: Annotated[
        str | None,
        Parameter("text", "Timestamp to set on change; updated_at where there is one."),
    ] = None
    dimension_table: Annotated[
        str, Parameter("regclass", "Table that knows the truth, as written in SQL.")
    ] = "symbols"
    dimension_match_column: Annotated[
        str, Parameter("text", "Its column that the match column is compared with.")
    ] = "ticker"
    dimension_value_column: Annotated[
        str | None, Parameter("text", "Its value column; named like the value column by default.")
    ] = None
    dimension_venue_column: Annotated[
        str | None, Parameter("text", "Its venue column, where one ticker has several venues.")
    ] = None
    dimension_active_column: Annotated[
        str | None, Parameter("text", "Its boolean column that says whether a row counts.")
    ] = None
    known_values: Annotated[
        Sequence[str] | Null | None,
        Parameter(
            "text[]",
            "The allowed values; NULL: any not blank; those of the reference data by default.",
            nullable=True,
        ),
    ] = None
    replace: Annotated[
        bool, Parameter("boolean", "Change a target that is registered already.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class ClassifyOptions(Routine):
    """``etl.classify_symbol``: explain how a ticker is classified."""

    routine: ClassVar[str] = "classify_symbol"

    ticker: Annotated[str, Parameter("text", "The ticker, as the venue writes it.")]
    venue: Annotated[
        str | None, Parameter("text", "Where it trades, or the source that wrote it.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class BootstrapOptions(Routine):
    """``etl.bootstrap_reference_data``: put the reference data into the platform's tables."""

    routine: ClassVar[str] = "bootstrap_reference_data"
    is_procedure: ClassVar[bool] = True

    overwrite_existing: Annotated[
        bool, Parameter("boolean", "Set rows that are there already back to the reference data.")
    ] = False
    components: Annotated[
        Sequence[str] | None,
        Parameter(
            "text[]",
            "Only these of asset_classes, markets, trading_sessions, data_providers.",
        ),
    ] = None
    dry_run: Annotated[bool, _DRY_RUN] = False
    timeout: Annotated[Interval, _TIMEOUT] = "5 minutes"
    reason: Annotated[str | None, _REASON] = None
    bootstrap_id: Annotated[
        UUID | None, Parameter("uuid", "Id to run under; a new one when not given.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class ReferenceDataOptions(Routine):
    """``etl.reference_data``: the reference data itself."""

    routine: ClassVar[str] = "reference_data"


@dataclass(frozen=True, kw_only=True)
class ValidateReferenceOptions(Routine):
    """``etl.validate_reference_data``: what is wrong with the platform's reference data."""

    routine: ClassVar[str] = "validate_reference_data"


@dataclass(frozen=True, kw_only=True)
class BootstrapStatusOptions(Routine):
    """``etl.bootstrap_status``: how the reference data stands in the platform's tables."""

    routine: ClassVar[str] = "bootstrap_status"


@dataclass(frozen=True, kw_only=True)
class MarketStatusOptions(Routine):
    """``etl.market_status``: which markets are open, and when that changes."""

    routine: ClassVar[str] = "market_status"

    market: Annotated[
        str | None, Parameter("text", "Code of a market; all when not given.", positional=True)
    ] = None
    at: Annotated[
        datetime | str | None,
        Parameter("timestamp with time zone", "At this moment; now when not given."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class PlatformTablesOptions(Routine):
    """``etl.create_platform_tables``: create the platform's tables that are missing."""

    routine: ClassVar[str] = "create_platform_tables"
    is_procedure: ClassVar[bool] = True

    schema: Annotated[str, Parameter("text", "Schema to create them in.")] = "public"


@dataclass(frozen=True, kw_only=True)
class ColumnDefaultOptions(Routine):
    """``etl.set_column_default``: what new rows get in a column that no job knows."""

    routine: ClassVar[str] = "set_column_default"

    relation: Annotated[str, Parameter("regclass", "Table of the platform.")]
    column_name: Annotated[str, Parameter("text", "Its column, as it is stored.")]
    value: Annotated[
        str | None,
        Parameter("text", "The value; without one the setting is taken back.", positional=True),
    ] = None


@dataclass(frozen=True, kw_only=True)
class OrphansOptions(Routine):
    """``etl.find_orphaned_symbols``: tickers that have bars and no symbol."""

    routine: ClassVar[str] = "find_orphaned_symbols"

    target: Annotated[str, _TARGET] = "market_data"
    count_bars: Annotated[
        bool, Parameter("boolean", "Count their bars; reads the bars of all orphans.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class SyncOptions(Routine):
    """``etl.sync_symbols``: add a symbol for every ticker that has bars and none.

    A start can be repeated, as that of a correction.
    """

    routine: ClassVar[str] = "sync_symbols"
    is_procedure: ClassVar[bool] = True

    batch_size: Annotated[int, _BATCH_SIZE] = 1000
    max_concurrency: Annotated[int, _MAX_CONCURRENCY] = 5
    auto_enrich_metadata: Annotated[
        bool, Parameter("boolean", "Queue new symbols for enrichment.")
    ] = True
    skip_existing_symbols: Annotated[
        bool,
        Parameter("boolean", "Leave symbols that are there alone; otherwise fill empty fields."),
    ] = True
    asset_class_filter: Annotated[
        Sequence[str] | None,
        Parameter("text[]", "Only tickers of these classes; UNKNOWN is one here."),
    ] = None
    venue_filter: Annotated[
        Sequence[str] | None, Parameter("text[]", "Only tickers of these venues.")
    ] = None
    max_processing_time: Annotated[Interval, _TIMEOUT] = "1 hour"
    dry_run: Annotated[bool, _DRY_RUN] = False
    target: Annotated[str, _TARGET] = "market_data"
    reason: Annotated[str | None, _REASON] = None
    sync_id: Annotated[
        UUID | None, Parameter("uuid", "Id to run under; a new one when not given.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class CleanupOptions(Routine):
    """``etl.validate_cleanup_symbols``: check every symbol, and fix what is safe to fix."""

    routine: ClassVar[str] = "validate_cleanup_symbols"
    is_procedure: ClassVar[bool] = True

    fix: Annotated[bool, Parameter("boolean", "Fix what is safe; otherwise only report.")] = True
    dry_run: Annotated[bool, _DRY_RUN] = False
    recent: Annotated[
        Interval, Parameter("interval", "Bars of an inactive symbol newer than this are reported.")
    ] = "7 days"
    target: Annotated[str, _TARGET] = "market_data"
    batch_size: Annotated[int, _BATCH_SIZE] = 1000
    timeout: Annotated[Interval, _TIMEOUT] = "1 hour"
    reason: Annotated[str | None, _REASON] = None
    cleanup_id: Annotated[
        UUID | None, Parameter("uuid", "Id to run under; a new one when not given.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class FindingsOptions(Routine):
    """``etl.symbol_findings``: what a clean-up of symbols found."""

    routine: ClassVar[str] = "symbol_findings"

    execution_id: Annotated[
        UUID | None,
        Parameter("uuid", "Id of the clean-up; the latest when not given.", positional=True),
    ] = None
    issue: Annotated[
        str | None,
        Parameter(
            "text",
            "Only findings of this type.",
            (
                "malformed_ticker",
                "ticker_form",
                "duplicate",
                "missing_class",
                "unknown_class",
                "class_against_venue",
                "missing_market",
                "active_without_bars",
                "inactive_with_recent_bars",
            ),
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class SyncStatusOptions(Routine):
    """``etl.symbol_sync_status``: are the symbols complete, and what was done to them last."""

    routine: ClassVar[str] = "symbol_sync_status"

    target: Annotated[str, _TARGET] = "market_data"


ROUTINES: tuple[type[Routine], ...] = (
    AnalyzeOptions,
    PreviewOptions,
    CorrectionOptions,
    JoinOptions,
    ResumeOptions,
    ValidateOptions,
    StatusOptions,
    HealthOptions,
    MetricsOptions,
    HistoryOptions,
    RollbackOptions,
    OutcomesOptions,
    RetryOptions,
    CancelOptions,
    PauseOptions,
    TuneOptions,
    BackupsOptions,
    PurgeOptions,
    TargetOptions,
    ClassifyOptions,
    BootstrapOptions,
    ReferenceDataOptions,
    ValidateReferenceOptions,
    BootstrapStatusOptions,
    MarketStatusOptions,
    PlatformTablesOptions,
    OrphansOptions,
    SyncOptions,
    CleanupOptions,
    FindingsOptions,
    SyncStatusOptions,
    UndoOptions,
    ChangesOptions,
    ColumnDefaultOptions,
)
"""Every public routine that an operator calls."""
