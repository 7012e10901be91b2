"""How the demo is told: coloured on a terminal, plain text elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

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
        self._console.print()
        self._console.print(Rule(Text(text, "bold"), align="left", style="dim"))

    def step(self, name: str, why: str) -> None:
        """Begin the next step: its name, and in one sentence why it is done."""
        self._step += 1
        self._began = time.monotonic()
        self.heading(f"{self._step} of {self._steps}: {name}")
        self.say(why)

    def say(self, text: str) -> None:
        """Write a paragraph."""
        self._console.print(Text(text))

    def commands(self, where: str, *commands: str) -> None:
        """Write commands to be copied, never broken into lines."""
        self._console.print()
        self._console.print(Text(where, "dim"))
        for command in commands:
            for line in command.splitlines():
                self._console.print(Text(f"    {line}", "cyan"), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Write a table; what is counted or measured stands to the right."""
        table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", border_style="dim")
        for position, column in enumerate(columns):
            right = any(_is_measure(row[position]) for row in rows)
            table.add_column(column, justify="right" if right else "left")
        for row in rows:
            table.add_row(*map(shown, row))
        with self._console.capture() as captured:
            self._console.print(Padding(table, (0, 0, 0, 2)))
        lines = (line.rstrip() for line in captured.get().splitlines())
        self._console.file.write("\n".join(lines).rstrip() + "\n\n")

    def verdict(self, passed: bool, text: str) -> None:
        """Write what came out of the step, and the time it took."""
        self.passed = self.passed and passed
        mark = Text("ok: " if passed else "FAILED: ", "bold green" if passed else "bold red")
        took = timedelta(seconds=time.monotonic() - self._began)
        self._console.print(mark + Text(f"{text} ({shown(took)})"))


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
        return f"{value.total_seconds():.1f} s"
    if isinstance(value, datetime):
        return f"{value:%H:%M:%S}"
    return str(value)


def _is_measure(value: Any) -> bool:
    return isinstance(value, int | Decimal | timedelta) and not isinstance(value, bool)
