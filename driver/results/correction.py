"""What the routines about corrections answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID


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
class Check:
    """One check of a validation (``etl.validate_corrections``)."""

    check_name: str
    passed: bool
    expected: str | None
    actual: str | None
    detail: str | None


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
class RowOutcome:
    """What a rollback did to one row (``etl.rollback_outcomes``)."""

    key: dict[str, Any]
    outcome: str
    old_value: str | None
    new_value: str | None
    current_value: str | None
