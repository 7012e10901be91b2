"""What a preview's sample run forecasts, against what the correction then costs.

The comparisons are the forecast divided by the actual figure; 1 is a perfect forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.datasets import MARKET, PARTITIONED, Dataset
from benchmarks.scenario import Comparison, Contender, Round, Scenario
from benchmarks.server import Database, Metrics
from mytrader_etl import Client

FIGURES = {
    "duration_seconds": "duration",
    "wal_bytes": "WAL",
    "table_growth_bytes": "table growth",
    "index_growth_bytes": "index growth",
    "backup_bytes": "size of the backup",
    "hot_update_percent": "share of HOT updates",
}
WITHIN = 0.25

# The figures as they were forecast and as they were, and one divided by the other.
_VERDICT = """
SELECT f.name, f.value::float, (h.actual ->> f.name)::float, (h.actual -> 'ratio' ->> f.name)::float
  FROM public.etl_execution_history h
 CROSS JOIN LATERAL jsonb_each_text(h.forecast) AS f (name, value)
 WHERE h.forecast ->> 'basis' = 'sample_run' AND h.actual ? f.name
"""


def tried(sessions: int) -> Callable[[Database], None]:
    """Preview with a sample run, then correct with so many sessions."""

    def run(database: Database) -> None:
        with Client.connect(database.dsn) as client:
            client.preview(max_concurrency=sessions, sample_run=True)
            client.correct(max_concurrency=sessions)

    return run


def verdict(database: Database) -> Metrics:
    """Return each figure as forecast and as it was, and the ratio."""
    return {
        f"{kind}_{name}": value
        for name, *values in database.query(_VERDICT)
        for kind, value in zip(("forecast", "actual", "ratio"), values, strict=True)
        if value is not None
    }


def _contender(name: str, sessions: int, dataset: Dataset) -> Contender:
    return Contender(name, tried(sessions), dataset, ours=True, observe=verdict)


def _comparisons() -> Iterator[Comparison]:
    for contender in (ONE, TWO, LEAVES):
        for figure, title in FIGURES.items():
            yield Comparison(
                f"forecast, {contender.name}: {title} against actual",
                _ratio(contender, figure),
                at_least=1 - WITHIN,
                at_most=1 + WITHIN,
            )


def _ratio(contender: Contender, figure: str) -> Callable[[Round], float | None]:
    return lambda measured: measured[contender.name].get(f"ratio_{figure}")


ONE = _contender("one session", 1, MARKET)
TWO = _contender("two sessions", 2, MARKET)
LEAVES = _contender("24 partitions", 1, PARTITIONED)

FORECAST = Scenario(
    name="forecast",
    title="A sample run's forecast and the correction after it",
    takes_long=True,
    contenders=(ONE, TWO, LEAVES),
    comparisons=tuple(_comparisons()),
    same_rows=False,
)
