"""Commands from routines: the parameters of a routine become arguments and options."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from mytrader_etl.cli.settings import Settings, common_options
from mytrader_etl.options import NULL, Declared, Null, Routine


def _texts(value: str) -> tuple[str, ...]:
    """Read a list that is written with commas."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _texts_or_null(value: str) -> tuple[str, ...] | Null:
    """Read such a list, or the word NULL."""
    return NULL if value.strip() == NULL.value else _texts(value)


def _integers(value: str) -> tuple[int, ...]:
    return tuple(int(part) for part in _texts(value))


_TYPES: dict[str, Any] = {
    "int": click.INT,
    "bigint": click.INT,
    "numeric": click.FLOAT,
    "text": click.STRING,
    "regclass": click.STRING,
    "interval": click.STRING,
    "timestamp with time zone": click.STRING,
    "uuid": click.UUID,
    "text[]": _texts,
    "int[]": _integers,
}

_METAVARS = {
    "interval": "INTERVAL",
    "timestamp with time zone": "TIME",
    "text[]": "A,B,...",
    "int[]": "1,2,...",
    "regclass": "TABLE",
}

Command = Callable[..., None]


def command(
    group: click.Group, routine: type[Routine] | None = None, *, name: str | None = None
) -> Callable[[Command], click.Command]:
    """Make a command of ``group`` from a function.

    It is called with the Settings and, where a routine is named, with the routine's options as
    they were given on the command line; options added to the function come as keywords.
    """

    def decorate(function: Command) -> click.Command:
        @functools.wraps(function)
        def run(**values: Any) -> None:
            settings = click.get_current_context().ensure_object(Settings)
            if routine is None:
                function(settings, **values)
            else:
                chosen = {
                    declared.name: values.pop(declared.name) for declared in routine.declared()
                }
                function(settings, routine(**chosen), **values)

        decorated: Command = common_options(run)
        if routine is not None:
            for declared in reversed(list(routine.declared())):
                decorated = _parameter(declared)(decorated)
        return group.command(name)(decorated)

    return decorate


def _parameter(declared: Declared) -> Callable[[Command], Command]:
    parameter = declared.parameter
    flag = "--" + declared.name.replace("_", "-")
    kind: Any = _TYPES.get(parameter.sql_type)
    if parameter.nullable:
        kind = _texts_or_null
    if parameter.choices:
        kind = click.Choice(parameter.choices)
    if declared.required or parameter.positional:
        return click.argument(declared.name, type=kind, required=declared.required)
    if parameter.sql_type == "boolean":
        flag, kind = f"{flag}/--no-{flag[2:]}", None
    return click.option(
        flag,
        declared.name,
        type=kind,
        default=declared.default,
        metavar=None if parameter.choices else _METAVARS.get(parameter.sql_type),
        help=parameter.help,
        show_default=declared.default is not None,
    )
