"""Data to stdout: as a table to read, or as JSON or CSV to work with.

In JSON and CSV spans of time are seconds, moments ISO 8601, and numbers numbers.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

_UNLIMITED = 10_000


def show(format_: str, record: Any) -> None:
    """Write one record: a table of names and values, a JSON object, or a CSV line."""
    if format_ == "table":
        table = Table(box=None, show_header=False)
        table.add_column(style="bold", no_wrap=True)
        table.add_column()
        for name, value in _items(record):
            table.add_row(name.replace("_", " "), _text(value))
        write_table(table)
    elif format_ == "json":
        click.echo(json.dumps(dict(_items(record)), default=_plain, indent=2))
    else:
        _write_csv([name for name, _ in _items(record)], [record])


def show_all(
    format_: str, kind: type[Any], records: Sequence[Any], columns: Sequence[str] | None = None
) -> None:
    """Write records of one kind; ``columns`` are those that a table to read is made of."""
    names = [field.name for field in fields(kind)]
    if format_ == "table":
        write_table(make_table(records, columns or names))
    elif format_ == "json":
        rows = [dict(_items(record)) for record in records]
        click.echo(json.dumps(rows, default=_plain, indent=2))
    else:
        _write_csv(names, records)


def make_table(records: Sequence[Any], columns: Sequence[str], title: str | None = None) -> Table:
    """Lay records out under the names of their columns, numbers to the right."""
    table = Table(box=SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    for name in columns:
        numeric = any(_is_number(getattr(record, name)) for record in records)
        table.add_column(name.replace("_", " "), justify="right" if numeric else "left")
    for record in records:
        table.add_row(*(_text(getattr(record, name)) for name in columns))
    return table


def write_table(table: Table, *, to_stderr: bool = False) -> None:
    """Write a table: as wide as the terminal, or as wide as it is where nobody looks."""
    console = Console(stderr=to_stderr, highlight=False, markup=False)
    if not console.is_terminal:
        console.width = _UNLIMITED
    with console.capture() as captured:
        console.print(table)
    lines = (line.rstrip() for line in captured.get().splitlines())
    click.echo("\n".join(lines).strip("\n"), err=to_stderr)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _items(record: Any) -> list[tuple[str, Any]]:
    return [(field.name, getattr(record, field.name)) for field in fields(record)]


def _write_csv(names: Sequence[str], records: Sequence[Any]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for record in records:
        writer.writerow(_cell(getattr(record, name)) for name in names)
    click.echo(buffer.getvalue(), nl=False)


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, default=_plain)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime | timedelta):
        return _plain(value)
    return value


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return str(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, timedelta):
        return str(timedelta(milliseconds=round(value / timedelta(milliseconds=1))))
    if isinstance(value, list | tuple):
        return "\n".join(_text(item) for item in value)
    if is_dataclass(value):
        return ", ".join(_text(item) for _, item in _items(value))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(item)}" for name, item in value.items())
    return str(value)
