"""What is known of a target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
