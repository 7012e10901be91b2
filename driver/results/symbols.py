"""What the routines about symbols answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID


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
