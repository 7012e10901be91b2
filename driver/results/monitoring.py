"""What the routines for monitoring answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal


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
