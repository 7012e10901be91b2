"""How the demo is told: coloured on a terminal, plain text elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from mytrader_etl.results import OperationStatus
from mytrader_etl.run import OnProgress

_WIDTH = 100


class Stage:
    """Tells steps one after the other, and remembers whether all went well."""

    def __init__(self, steps: int) -> None:
        self._console = Console(highlight=False, markup=False)
        terminal = self._console.is_terminal
        self._console.width = min(self._console.width, _WIDTH) if terminal else _WIDTH
        self._steps = steps
        self._step = 0
        self._began = time.monotonic()
        self.passed = True

    def heading(self, text: str) -> None:
        """Write a line across the page."""
        self._write(Rule(Text(text, "bold"), align="left", style="dim"))

    def step(self, name: str, why: str) -> None:
        """Begin the next step: its name, and in one sentence why it is done."""
        self._step += 1
        self._began = time.monotonic()
        self.heading(f"{self._step} of {self._steps}: {name}")
        self.say(why)

    def say(self, text: str) -> None:
        """Write a paragraph."""
        self._write(Text(text), space=False)

    def commands(self, where: str, *commands: str) -> None:
        """Write commands to be copied: their lines are never broken."""
        self._write(Text(where, "dim"))
        for line in "\n".join(commands).splitlines():
            self._console.print(Text(f"    {line}", "cyan"), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Write a table; what is counted or measured stands to the right."""
        table = Table(
            box=SIMPLE_HEAD,
            show_edge=False,
            pad_edge=False,
            header_style="bold",
            border_style="dim",
        )
        for position, column in enumerate(columns):
            right = any(_is_measure(row[position]) for row in rows)
            table.add_column(column, justify="right" if right else "left", overflow="fold")
        for row in rows:
            table.add_row(*map(shown, row))
        self._write(Padding(table, (0, 0, 0, 2)))

    @contextmanager
    def progress(self) -> Iterator[OnProgress]:
        """Show how an operation goes on: a bar on a terminal, elsewhere a line for every look."""
        columns = BarColumn(bar_width=30), TaskProgressColumn(), TextColumn("{task.description}")
        self._console.print()
        with Progress(
            *columns, console=self._console, disable=not self._console.is_terminal
        ) as bar:
            task = bar.add_task("")
            last = ""

            def on_progress(status: OperationStatus) -> None:
                nonlocal last
                percent, line = float(status.progress_percent or 0), _progress(status)
                bar.update(task, completed=percent, description=line)
                if bar.disable and line != last:
                    self.say(f"  {percent:3.0f}% {line}")
                last = line

            yield on_progress

    def verdict(self, passed: bool, text: str) -> None:
        """Write what came out of the step, and the time it took."""
        self.passed = self.passed and passed
        mark = Text("ok: " if passed else "FAILED: ", "bold green" if passed else "bold red")
        took = timedelta(seconds=time.monotonic() - self._began)
        self._write(mark + Text(f"{text} ({shown(took)})"))

    def _write(self, what: RenderableType, *, space: bool = True) -> None:
        """Write something after an empty line, and without blanks at the ends of lines."""
        with self._console.capture() as captured:
            self._console.print(what)
        lines = (line.rstrip() for line in captured.get().splitlines())
        before = "\n" if space else ""
        self._console.file.write(before + "\n".join(lines).strip("\n") + "\n")
        self._console.file.flush()


def shown(value: Any) -> str:
    """Return a value as the demo writes it; a Decimal is a percentage."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal):
        return f"{value} %"
    if isinstance(value, timedelta):
        milliseconds = round(value / timedelta(milliseconds=1))
        return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"
    return str(value)


def _progress(status: OperationStatus) -> str:
    parts = [status.phase or "", f"{shown(status.records_changed)} bars changed"]
    if status.live_workers:
        parts.append(f"{status.live_workers} session{'s' * (status.live_workers > 1)}")
    return ", ".join(parts)


def _is_measure(value: Any) -> bool:
    return isinstance(value, int | Decimal | timedelta) and not isinstance(value, bool)
