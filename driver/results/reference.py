"""What the routines about reference data answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


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
