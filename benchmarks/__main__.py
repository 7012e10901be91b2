"""The command line of the benchmarks; see ``python -m benchmarks --help``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks import machine, results, runner, tables
from benchmarks.scenarios import SCENARIOS
from benchmarks.server import Server

QUICK_ROWS = 1_000_000
FULL_ROWS = 10_000_000


@click.command(context_settings={"max_content_width": 100, "show_default": True})
@click.option("--full", is_flag=True, help=f"With {FULL_ROWS:,} bars: hours, and 40 GB of disk.")
@click.option("--all", "all_", is_flag=True, help="Scenarios that take long, too; so does --full.")
@click.option("--rows", type=click.IntRange(min=1000), help=f"Bars; {QUICK_ROWS:,} otherwise.")
@click.option("--rounds", type=click.IntRange(min=1), default=3, help="Rounds of each scenario.")
@click.option(
    "--scenario",
    "names",
    multiple=True,
    type=click.Choice(list(SCENARIOS)),
    help="Only this scenario; may be repeated.",
)
@click.option("--postgres", default="18", help="Major version of the wheel, or a bin folder.")
@click.option("--dsn", help="A running server instead; the role must be a superuser.")
@click.option(
    "--results",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=results.FOLDER,
    show_default="benchmarks/results",
    help="Folder of the results.",
)
def main(
    full: bool,
    all_: bool,
    rows: int | None,
    rounds: int,
    names: tuple[str, ...],
    postgres: str,
    dsn: str | None,
    folder: Path,
) -> None:
    """Measure what a correction costs, beside what one would do without this library."""
    rows = rows or (FULL_ROWS if full else QUICK_ROWS)
    progress = Console(stderr=True)
    measured = []
    with _server(postgres, dsn) as server:
        for scenario in SCENARIOS.values():
            if not (scenario.name in names if names else all_ or full or not scenario.takes_long):
                continue
            before = machine.describe()
            rounds_measured = runner.run(scenario, server, rows, rounds, progress.print)
            result = results.summarize(
                scenario, rounds_measured, rows=rows, machine=before, server=server.describe()
            )
            results.write(result, folder)
            measured.append(result)
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(_table(tables.CONTENDER_HEADINGS, tables.contender_rows(measured)))
    console.print(_table(tables.COMPARISON_HEADINGS, tables.comparison_rows(measured)))


def _server(postgres: str, dsn: str | None) -> AbstractContextManager[Server]:
    return Server.embedded(postgres) if dsn is None else Server.given(dsn)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(*headings)
    for row in rows:
        table.add_row(*row)
    return table


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
