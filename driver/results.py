"""What the public routines of the schema ``etl`` answer: one frozen dataclass per kind of row.

Field names are the column names.  Percentages are 0 to 100; times are aware
:class:`~datetime.datetime`, spans :class:`~datetime.timedelta`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

LIVE = frozenset({"running", "interrupted"})
"""States in which an operation is meant to go on; ``interrupted`` has no live session left."""

STOPPED = frozenset({"paused", "cancelled", "timed_out", "interrupted"})
"""States from which an operation can be resumed."""

DONE = frozenset({"completed", "completed_with_errors", "rolled_back", "partially_rolled_back"})
"""States in which an operation has reached its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One look at all rows of a target (``etl.analyze_asset_classes``)."""

    analysis_id: UUID
    analyzed_at: datetime
    total_records: int
    null_records: int
    empty_records: int
    unknown_class_records: int
    mismatched_records: int
    orphaned_records: int
    ambiguous_records: int
    unmappable_records: int
    correctable_records: int
    completeness_score: Decimal
    integrity_score: Decimal
    consistency_score: Decimal
    data_quality_score: Decimal
    symbols_referenced: int
    symbols_without_bars: int
    orphaned_symbols: int
    worst_symbols: list[dict[str, Any]]
    recommendations: list[str]
    estimated_batches: int | None
    estimated_duration: timedelta | None
    duration: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewLine:
    """One line of a preview (``etl.preview_correction``); ``section`` says what it is about.

    Sections: ``summary``, ``change`` (from value to value), ``class``, ``sample``, ``plan``,
    ``forecast`` (one figure each, in ``to_value``) and ``risk`` (with its ``mitigation``).
    """

    section: str
    item: str | None
    from_value: str | None
    to_value: str | None
    records: int | None
    detail: str | None
    mitigation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationStatus:
    """Where an operation stands (``etl.correction_status``).

    ``status`` is the effective one: ``interrupted`` where no live session works on it.
    """

    execution_id: UUID
    operation: str
    target: str | None
    status: str
    phase: str | None
    progress_percent: Decimal | None
    records_total: int | None
    records_processed: int
    records_changed: int
    records_skipped: int
    records_failed: int
    batches_processed: int
    live_workers: int
    rows_per_second: Decimal | None
    estimated_remaining: timedelta | None
    waiting_for: str | None
    started_at: datetime
    heartbeat_at: datetime | None
    finished_at: datetime | None
    duration: timedelta | None
    backup_table: str | None
    quality_before: Decimal | None
    quality_after: Decimal | None
    error_code: str | None
    error_message: str | None
    reason: str | None
    hint: str | None
    forecast: dict[str, Any] | None
    actual: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationResult:
    """How an operation ended, or where it was stopped.

    ``changed`` counts rows corrected, restored (rollback) or tables dropped (purge); ``skipped``
    rows left as they were, in a rollback those kept because of a conflict.
    """

    execution_id: UUID
    status: str
    changed: int | None
    skipped: int | None
    failed: int | None
    batches: int | None
    backup_table: str | None
    quality_before: Decimal | None
    quality_after: Decimal | None
    duration: timedelta | None

    @classmethod
    def of(cls, status: OperationStatus) -> OperationResult:
        """Return the result that a finished or stopped operation's status amounts to."""
        return cls(
            execution_id=status.execution_id,
            status=status.status,
            changed=status.records_changed,
            skipped=status.records_skipped,
            failed=status.records_failed,
            batches=status.batches_processed,
            backup_table=status.backup_table,
            quality_before=status.quality_before,
            quality_after=status.quality_after,
            duration=status.duration,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult(OperationResult):
    """How a job on the platform's tables ended; ``result`` is what it reports of its own.

    A sync: discovered, added, updated, skipped, failed, by_class, needing_review, queued,
    orphans_left, warnings.  A clean-up: findings, by_issue, fixed, updated.  Empty where the job
    was stopped before its end.
    """

    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check of a validation (``etl.validate_corrections``)."""

    check_name: str
    passed: bool
    expected: str | None
    actual: str | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether a target is in order (``etl.correction_health``).

    ``status`` is ``healthy``, ``degraded``, ``unhealthy`` or ``unknown`` (never analyzed).
    """

    is_healthy: bool
    status: str
    data_quality_score: Decimal | None
    completeness_score: Decimal | None
    integrity_score: Decimal | None
    orphaned_percent: Decimal | None
    needing_correction_percent: Decimal | None
    success_rate: Decimal | None
    error_rate: Decimal | None
    operation_in_progress: bool
    last_operation_status: str | None
    last_operation_at: datetime | None
    analysis_age: timedelta | None
    issues: list[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One sample for monitoring (``etl.correction_metrics``)."""

    metric: str
    kind: str
    labels: dict[str, str]
    value: float
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One row of ``public.etl_execution_history``, with the effective status."""

    execution_id: UUID
    operation: str
    target: str | None
    parent_execution_id: UUID | None
    subject_execution_id: UUID | None
    status: str
    phase: str | None
    parameters: dict[str, Any]
    dry_run: bool
    progress_percent: Decimal | None
    records_total: int | None
    records_processed: int
    records_changed: int
    records_skipped: int
    records_failed: int
    batches_processed: int
    batches_failed: int
    retries: int
    quality_before: Decimal | None
    quality_after: Decimal | None
    backup_table: str | None
    error_code: str | None
    error_message: str | None
    reason: str | None
    phase_timings: dict[str, Any] | None
    result: dict[str, Any] | None
    library_version: str | None
    triggered_by: str
    application_name: str | None
    client_addr: Any
    started_at: datetime
    heartbeat_at: datetime | None
    finished_at: datetime | None
    forecast: dict[str, Any] | None
    actual: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAnswer:
    """What a cancel or a pause did (``etl.cancel_operation``, ``etl.pause_operation``)."""

    execution_id: UUID
    status: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """One setting changed in an unfinished operation (``etl.tune_operation``)."""

    setting: str
    old_value: str | None
    new_value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One backup table (``etl.list_backups``); ``size_bytes`` with indexes and TOAST.

    ``status`` is ``available``, ``missing``, ``purged`` or ``rolled_back``.
    """

    backup_table: str
    execution_id: UUID
    target: str
    created_at: datetime
    records: int | None
    size_bytes: int | None
    status: str
    age: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """How a ticker is classified, and why (``etl.classify_symbol``).

    ``ticker`` and ``venue`` in their normal form; ``asset_class`` is ``UNKNOWN`` where no rule of
    ``etl.asset_class_rule`` knows; ``confidence`` is 0 to 1.
    """

    ticker: str | None
    venue: str | None
    asset_class: str
    rule: str | None
    confidence: Decimal
    base_currency: str | None
    quote_currency: str | None
    needs_review: bool
    needs_enrichment: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOutcome:
    """What a rollback did to one row (``etl.rollback_outcomes``)."""

    key: dict[str, Any]
    outcome: str
    old_value: str | None
    new_value: str | None
    current_value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """What an operation did to one row, and what an undo made of it (``etl.operation_changes``).

    ``action`` is ``insert`` or ``update``; ``before`` and ``after`` hold the columns that changed.
    """

    change_id: int
    entity: str
    table_name: str
    key: dict[str, Any]
    action: str
    before: dict[str, Any] | None
    after: dict[str, Any]
    changed_at: datetime
    outcome: str | None
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDefault:
    """A setting before and after it was changed (``etl.set_column_default``)."""

    old_value: str | None
    new_value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRecord:
    """A row that could not be changed (table ``etl.failed_record``)."""

    failed_record_id: int
    execution_id: UUID
    key: dict[str, Any]
    match_value: str | None
    sqlstate: str
    message: str
    attempts: int
    first_failed_at: datetime
    last_failed_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A registered target (table ``etl.correction_target``)."""

    target: str
    fact_table: str
    key_columns: list[str]
    match_column: str
    value_column: str
    touch_column: str | None
    dimension_table: str
    dimension_match_column: str
    dimension_value_column: str
    dimension_venue_column: str | None
    dimension_active_column: str | None
    known_values: list[str] | None
    column_types: dict[str, str]
    registered_at: datetime
    registered_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapResult(OperationResult):
    """How a bootstrap ended (``etl.bootstrap_reference_data``).

    ``result`` has, for each component, the rows ``created``, ``updated``, ``skipped`` and
    ``failed``, and a list of ``warnings``.
    """

    result: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceItem:
    """One line of the reference data (``etl.reference_data``)."""

    component: str
    code: str
    ordinal: int
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceFinding:
    """Something wrong with the platform's reference data (``etl.validate_reference_data``)."""

    component: str
    issue: str
    item: str | None
    description: str
    severity: str
    hint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentStatus:
    """How one component of the reference data stands (``etl.bootstrap_status``)."""

    component: str
    table_name: str | None
    expected: int
    present: int
    missing: int
    customised: int
    last_bootstrap: datetime | None
    last_bootstrap_id: UUID | None
    is_complete: bool
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketStatus:
    """What a market is at a moment (``etl.market_status``); ``local_time`` is its wall clock."""

    market_code: str
    status: str
    session_name: str | None
    time_zone: str | None
    local_time: datetime | None
    next_change: datetime | None
    next_status: str | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A ticker with bars and no symbol (``etl.find_orphaned_symbols``)."""

    ticker: str
    bars: int | None
    first_bar: datetime | None
    last_bar: datetime | None
    partner_ticker: str | None
    partner_venue: str | None
    partner_asset_class: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolFinding:
    """What a clean-up found wrong with a symbol (``etl.symbol_findings``)."""

    finding_id: int
    symbol_key: dict[str, Any]
    ticker: str | None
    venue: str | None
    issue_type: str
    description: str
    is_fixed: bool
    action: str
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncStatus:
    """Whether the symbols are complete (``etl.symbol_sync_status``).

    ``status`` is ``healthy``, ``degraded``, ``unhealthy`` or ``unknown`` (never counted).
    """

    status: str
    is_healthy: bool
    last_sync_id: UUID | None
    last_sync_status: str | None
    last_sync_at: datetime | None
    last_added: int | None
    last_failed: int | None
    is_running: bool
    total_symbols: int
    active_symbols: int
    unclassified_symbols: int
    needing_review: int
    queued_for_enrichment: int
    orphaned_tickers: int | None
    orphaned_bars: int | None
    symbols_without_bars: int | None
    measured_at: datetime | None
    last_cleanup_at: datetime | None
    open_findings: int | None
    issues: list[str]
