"""The same correction on a partitioned table."""

from __future__ import annotations

from benchmarks.datasets import MARKET, PARTITIONED
from benchmarks.scenario import Comparison, Contender, Scenario, ratio
from benchmarks.scenarios.corrections import two_sessions

PLAIN = Contender("plain table", two_sessions, MARKET, ours=True)
LEAVES = Contender("24 monthly partitions", two_sessions, PARTITIONED, ours=True)

PARTITIONS = Scenario(
    name="partitions",
    title="Correcting a partitioned table, two sessions",
    contenders=(PLAIN, LEAVES),
    comparisons=(
        Comparison(
            "correct, two sessions: 24 monthly partitions against the plain table",
            ratio("seconds", LEAVES, PLAIN),
            at_most=1.1,
        ),
    ),
)
