"""What the public routines of the schema ``etl`` answer: one frozen dataclass per kind of row.

A class lives in the module of the room of procedures/ that its routine lies in.  Field names are
the column names.  Percentages are 0 to 100; times are aware :class:`~datetime.datetime`, spans
:class:`~datetime.timedelta`.
"""

from __future__ import annotations

from mytrader_etl.results.correction import (
    Backup,
    Check,
    PreviewLine,
    RowOutcome,
)
from mytrader_etl.results.monitoring import (
    Health,
    Metric,
)
from mytrader_etl.results.operation import (
    DONE,
    LIVE,
    STOPPED,
    ControlAnswer,
    Execution,
    FailedRecord,
    JobResult,
    OperationResult,
    OperationStatus,
    Tuning,
)
from mytrader_etl.results.platform import (
    ColumnDefault,
    RowChange,
)
from mytrader_etl.results.quality import (
    Analysis,
)
from mytrader_etl.results.reference import (
    ComponentStatus,
    MarketStatus,
    ReferenceFinding,
    ReferenceItem,
)
from mytrader_etl.results.symbols import (
    Classification,
    Orphan,
    SymbolFinding,
    SyncStatus,
)
from mytrader_etl.results.target import (
    Target,
)

__all__ = [
    "DONE",
    "LIVE",
    "STOPPED",
    "Analysis",
    "Backup",
    "Check",
    "Classification",
    "ColumnDefault",
    "ComponentStatus",
    "ControlAnswer",
    "Execution",
    "FailedRecord",
    "Health",
    "JobResult",
    "MarketStatus",
    "Metric",
    "OperationResult",
    "OperationStatus",
    "Orphan",
    "PreviewLine",
    "ReferenceFinding",
    "ReferenceItem",
    "RowChange",
    "RowOutcome",
    "SymbolFinding",
    "SyncStatus",
    "Target",
    "Tuning",
]
