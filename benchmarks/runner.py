"""Runs a scenario: its contenders in turn, round after round, each on a fresh copy."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.scenario import Round, Scenario
from benchmarks.server import Metrics, Server

Report = Callable[[str], None]


class RowsDifferError(AssertionError):
    """Two contenders left different rows behind, so their times can't be compared."""


def run(scenario: Scenario, server: Server, rows: int, rounds: int, report: Report) -> list[Round]:
    """Return what each round has measured.  Raises RowsDifferError.

    Every other round goes the other way round, so that no contender always profits from, or pays
    for, what ran before it.
    """
    measured: list[Round] = []
    for number in range(1, rounds + 1):
        order = scenario.contenders[:: 1 if number % 2 else -1]
        results: dict[str, Metrics] = {}
        digests: dict[str, object] = {}
        for contender in order:
            report(f"{scenario.name}: round {number} of {rounds}, {contender.name}")
            template = contender.dataset.template(server, rows)
            with server.copy(template, rows) as database:
                results[contender.name] = contender(database)
                if scenario.same_rows:
                    digests[contender.name] = database.digest()
        if len(set(digests.values())) > 1:
            raise RowsDifferError(f"{scenario.name}: not the same rows: {digests}")
        measured.append(results)
    return measured
