"""What monitoring asks every few seconds, each as the first question of a new session."""

from __future__ import annotations

from benchmarks.datasets import CORRECTED
from benchmarks.scenario import Comparison, Contender, Round, Scenario

CALLS = (
    Contender("status", ("SELECT * FROM etl.operation_status()",), CORRECTED, ours=True),
    Contender("health", ("SELECT * FROM etl.correction_health()",), CORRECTED, ours=True),
    Contender("metrics", ("SELECT * FROM etl.correction_metrics()",), CORRECTED, ours=True),
)


def slowest(measured: Round) -> float:
    """Return the longest of the calls, in milliseconds."""
    return 1000 * max(measured[call.name]["seconds"] for call in CALLS)


MONITORING = Scenario(
    name="monitoring",
    title="Status, health and metrics",
    contenders=CALLS,
    comparisons=(
        Comparison("status, health, metrics: the slowest of them", slowest, "ms", at_most=50),
    ),
)
