"""An ordinary day: about a thousand wrong rows in a large table.

The guide's index finds NULL only.  To prove that no empty value is left, ours has to read the table
once then, as a bare UPDATE has to that is to change the same rows.  With an index for empty values,
which is empty as a rule, nothing is read but the wrong rows.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import peers
from benchmarks.datasets import DAILY, DAILY_INDEXED
from benchmarks.scenario import Comparison, Contender, Round, Scenario

ALLOWANCE = 0.150
"""Seconds that starting, proving and closing an operation may take."""

CORRECT = ("CALL etl.correct_asset_classes()",)

BARE = Contender("bare UPDATE", (peers.UPDATE,), DAILY)
BARE_BLANK = Contender("bare UPDATE, NULL or empty", (peers.UPDATE_BLANK,), DAILY)
OURS = Contender("one session", CORRECT, DAILY, ours=True)
INDEXED = Contender("one session, index of empty values", CORRECT, DAILY_INDEXED, ours=True)


def beyond_allowance(ours: Contender, bare: Contender) -> Callable[[Round], float]:
    """Return the value of a comparison: our time less the allowance, divided by theirs."""

    def value(measured: Round) -> float:
        return (measured[ours.name]["seconds"] - ALLOWANCE) / measured[bare.name]["seconds"]

    return value


DAILY_RUN = Scenario(
    name="daily",
    title="Correcting 1,000 bars of the table",
    contenders=(BARE, BARE_BLANK, OURS, INDEXED),
    comparisons=(
        Comparison(
            "daily run, 1,000 bars: time less 150 ms against the bare UPDATE",
            beyond_allowance(OURS, BARE),
            at_most=1.5,
        ),
        Comparison(
            "daily run, empty values indexed: time less 150 ms against the bare UPDATE",
            beyond_allowance(INDEXED, BARE),
            at_most=1.5,
        ),
        Comparison(
            "daily run, same work: time less 150 ms against the bare UPDATE of NULL or empty",
            beyond_allowance(OURS, BARE_BLANK),
        ),
    ),
)
