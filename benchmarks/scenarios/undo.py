"""Taking a correction back: ours, and the restore that the operations guide documents."""

from __future__ import annotations

from benchmarks import peers
from benchmarks.datasets import CORRECTED
from benchmarks.scenario import Comparison, Contender, Scenario, ratio
from benchmarks.server import Database
from mytrader_etl import Client


def two_sessions(database: Database) -> None:
    """Roll the correction back with two sessions of the Python client."""
    with Client.connect(database.dsn) as client:
        (correction,) = client.history(operation="correction")
        client.rollback(correction.execution_id, max_concurrency=2)


RESTORE = Contender("one-statement restore", peers.restore, CORRECTED)
TWO = Contender("two sessions", two_sessions, CORRECTED, ours=True)

UNDO = Scenario(
    name="undo",
    title="Taking the correction of 86 % of the bars back",
    contenders=(RESTORE, TWO),
    comparisons=(
        Comparison(
            "undo, two sessions: time against the one-statement restore",
            ratio("seconds", TWO, RESTORE),
            at_most=0.5,
        ),
        Comparison(
            "undo, two sessions: CPU time against the one-statement restore",
            ratio("cpu_seconds", TWO, RESTORE),
        ),
    ),
)
