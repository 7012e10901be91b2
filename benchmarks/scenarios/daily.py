"""An ordinary day: about a thousand wrong rows in a large table."""

from __future__ import annotations

from benchmarks import peers
from benchmarks.datasets import DAILY
from benchmarks.scenario import Comparison, Contender, Round, Scenario

ALLOWANCE = 0.150
"""Seconds that starting, proving and closing an operation may take."""

BARE = Contender("bare UPDATE", (peers.UPDATE,), DAILY)
OURS = Contender("one session", ("CALL etl.correct_asset_classes()",), DAILY, ours=True)


def beyond_allowance(measured: Round) -> float:
    """Return our time less the allowance, divided by the time of the bare UPDATE."""
    return (measured[OURS.name]["seconds"] - ALLOWANCE) / measured[BARE.name]["seconds"]


DAILY_RUN = Scenario(
    name="daily",
    title="Correcting 1,000 bars of the table",
    contenders=(BARE, OURS),
    comparisons=(
        Comparison(
            "daily run, 1,000 bars: time less 150 ms against the bare UPDATE",
            beyond_allowance,
            at_most=1.5,
        ),
    ),
)
