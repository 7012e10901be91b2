"""What the routines about the quality of data answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID


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
