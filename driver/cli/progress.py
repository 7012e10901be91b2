"""Progress to stderr: a bar on a terminal, elsewhere a line every few seconds."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from mytrader_etl.results import OperationStatus
from mytrader_etl.run import OnProgress

_SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def progress() -> Iterator[OnProgress]:
    """Show how an operation goes on; meanwhile SIGTERM stops it like Ctrl-C."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    console = Console(stderr=True)
    try:
        if console.is_terminal:
            with _bar(console) as on_progress:
                yield on_progress
        else:
            yield _Lines()
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _bar(console: Console) -> Iterator[OnProgress]:
    with Progress(
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task("starting", total=100)

        def on_progress(status: OperationStatus) -> None:
            bar.update(
                task, completed=float(status.progress_percent or 0), description=_line(status)
            )

        yield on_progress


class _Lines:
    def __init__(self) -> None:
        self._next = time.monotonic()
        self._last = ""

    def __call__(self, status: OperationStatus) -> None:
        line = f"{status.progress_percent or 0}% {_line(status)}"
        if time.monotonic() >= self._next and line != self._last:
            click.echo(line, err=True)
            self._next = time.monotonic() + _SECONDS_BETWEEN_LINES
            self._last = line


def _line(status: OperationStatus) -> str:
    words = [
        status.phase or status.status,
        f"{status.records_changed:,} changed",
        f"{status.live_workers} sessions" if status.live_workers != 1 else "1 session",
    ]
    if status.records_failed:
        words.append(f"{status.records_failed:,} failed")
    if status.rows_per_second:
        words.append(f"{status.rows_per_second:,.0f} rows/s")
    if status.estimated_remaining is not None:
        words.append(f"{round(status.estimated_remaining.total_seconds())} s left")
    if status.waiting_for:
        words.append(f"waiting for {status.waiting_for}")
    return ", ".join(words)
