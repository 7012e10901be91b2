"""What the routines about operations answer, whatever the job."""

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
class _Operation:
    """What every row about an operation tells.

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
    quality_before: Decimal | None
    quality_after: Decimal | None
    backup_table: str | None
    error_code: str | None
    error_message: str | None
    reason: str | None
    started_at: datetime
    heartbeat_at: datetime | None
    finished_at: datetime | None
    forecast: dict[str, Any] | None
    actual: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationStatus(_Operation):
    """Where an operation stands (``etl.operation_status``); ``hint`` is the next command."""

    live_workers: int
    rows_per_second: Decimal | None
    estimated_remaining: timedelta | None
    waiting_for: str | None
    duration: timedelta | None
    hint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution(_Operation):
    """One row of ``public.etl_execution_history`` (``etl.execution_history``)."""

    parent_execution_id: UUID | None
    subject_execution_id: UUID | None
    parameters: dict[str, Any]
    dry_run: bool
    batches_failed: int
    retries: int
    phase_timings: dict[str, Any] | None
    result: dict[str, Any] | None
    library_version: str | None
    triggered_by: str
    application_name: str | None
    client_addr: Any
    error_detail: str | None
    error_hint: str | None


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
    orphans_left, warnings.  A clean-up: findings, by_issue, fixed, updated.  A bootstrap: for each
    component the rows created, updated, skipped and failed, and a list of warnings.  Empty where
    the job was stopped before its end.
    """

    result: dict[str, Any] = field(default_factory=dict)


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
