"""A scenario: contenders that do the same work on the same data, and what is compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.datasets import Dataset
from benchmarks.server import Database, Metrics

Round = Mapping[str, Metrics]
"""What one round has measured, by contender."""


@dataclass(frozen=True)
class Contender:
    """One way to do the work.

    ``run`` is SQL, whose statements are executed in turn in one open session, or a callable that
    opens its own.  ``observe`` looks at the database afterwards, untimed, and adds metrics.
    """

    name: str
    run: tuple[str, ...] | Callable[[Database], None]
    dataset: Dataset
    ours: bool = False
    observe: Callable[[Database], Metrics] | None = None

    def __call__(self, database: Database) -> Metrics:
        """Do the work and return its metrics."""
        if callable(self.run):
            with database.metering() as metrics:
                self.run(database)
        else:
            with database.connect() as session, database.metering() as metrics:
                for statement in self.run:
                    session.execute(statement)
        if self.observe is not None:
            metrics |= self.observe(database)
        return metrics


@dataclass(frozen=True)
class Comparison:
    """A figure of each round, and the limits that its median is to keep, if there are any.

    ``value`` is None where a metric can't be had on this server.
    """

    title: str
    value: Callable[[Round], float | None]
    unit: str = "times"
    at_most: float | None = None
    at_least: float | None = None

    def met(self, median: float) -> bool | None:
        """Tell whether a median keeps the limits; None where there is none."""
        if self.at_most is None and self.at_least is None:
            return None
        return (self.at_most is None or median <= self.at_most) and (
            self.at_least is None or median >= self.at_least
        )


@dataclass(frozen=True)
class Scenario:
    """Contenders in turn, each on a fresh copy of its data.

    ``metric`` is the one that the plot shows, ``unit`` its unit.  Unless ``same_rows`` is false,
    all contenders must leave the very same rows behind.  One that ``takes_long`` runs on demand.
    """

    name: str
    title: str
    contenders: tuple[Contender, ...]
    comparisons: tuple[Comparison, ...]
    metric: str = "seconds"
    unit: str = "s"
    same_rows: bool = True
    takes_long: bool = False


def ratio(metric: str, of: Contender, to: Contender) -> Callable[[Round], float | None]:
    """Return the value of a comparison: one contender's metric divided by another's."""

    def value(measured: Round) -> float | None:
        ours, theirs = measured[of.name].get(metric), measured[to.name].get(metric)
        return ours / theirs if ours is not None and theirs else None

    return value
