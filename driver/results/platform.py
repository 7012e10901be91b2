"""What the routines about the platform's tables answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


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
