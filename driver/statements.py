"""From options to SQL: one template, rendered to be executed or to be pasted into psql.

Only what was given is written, by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined
from psycopg import sql

from mytrader_etl.options import Declared, Routine

_TEMPLATES = Environment(  # noqa: S701 - SQL, not HTML: values are bound or quoted
    loader=PackageLoader("mytrader_etl"),
    undefined=StrictUndefined,
    trim_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with named placeholders, and the values for them."""

    text: str
    values: dict[str, Any]


def bind(options: Routine) -> Statement:
    """Return the statement to execute: each value is bound, and cast to its parameter's type."""
    values = {declared.name: _adapt(value) for declared, value in options.given()}
    return Statement(_render(options, _placeholder), values)


def paste(options: Routine) -> str:
    """Return the same statement to paste into psql: values quoted, ended by a semicolon."""
    return f"{_render(options, _literal)};"


def _render(options: Routine, render: Callable[[Declared, Any], str]) -> str:
    template = "call.sql.j2" if options.is_procedure else "select.sql.j2"
    return _TEMPLATES.get_template(template).render(
        routine=options.routine, given=list(options.given()), render=render
    )


def _placeholder(declared: Declared, _: Any) -> str:
    return f"%({declared.name})s::{declared.parameter.sql_type}"


def _literal(_: Declared, value: Any) -> str:
    return sql.Literal(_adapt(value)).as_string().strip()


def _adapt(value: Any) -> Any:
    """Values in the form in which psycopg quotes them most readably, and arrays as arrays."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple):
        return list(value)
    return value
