"""Commands from routines: the parameters of a routine become arguments and options."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from typing import Any

import click
from click.core import ParameterSource

from mytrader_etl.cli.settings import Settings, common_options
from mytrader_etl.options import Declared, Routine


def _texts(value: str) -> tuple[str, ...] | None:
    """Read a list that is written with commas, or the word NULL."""
    if value.strip() == "NULL":
        return None
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _integers(value: str) -> tuple[int, ...] | None:
    texts = _texts(value)
    return None if texts is None else tuple(map(int, texts))


_TYPES: dict[str, Any] = {
    "integer": click.INT,
    "bigint": click.INT,
    "numeric": click.FLOAT,
    "text": click.STRING,
    "regclass": click.STRING,
    "interval": click.STRING,
    "timestamp with time zone": click.STRING,
    "uuid": click.UUID,
    "text[]": _texts,
    "integer[]": _integers,
}

_METAVARS = {
    "interval": "INTERVAL",
    "timestamp with time zone": "TIME",
    "text[]": "A,B,...",
    "integer[]": "1,2,...",
    "regclass": "TABLE",
}

Command = Callable[..., None]

_QUOTE = "'"


class RoutineCommand(click.Command):
    """A command that gives its options to a routine.

    ``positional`` are those of its parameters that may be left out, but stand without their names
    where they are given.
    """

    def __init__(
        self,
        *arguments: Any,
        routine: type[Routine],
        positional: Collection[str] = (),
        **attributes: Any,
    ) -> None:
        super().__init__(*arguments, **attributes)
        self.routine = routine
        self.positional = positional


def command(
    group: click.Group,
    routine: type[Routine] | None = None,
    *,
    name: str | None = None,
    positional: Collection[str] = (),
) -> Callable[[Command], click.Command]:
    """Make a command of ``group`` from a function.

    It is called with the Settings and, where a routine is named, with the options of the routine
    that were given on the command line or in the environment; options added to the function come
    as keywords. On the command line the parameters that are required or ``positional`` stand
    without their names.
    """

    def decorate(function: Command) -> click.Command:
        @functools.wraps(function)
        def run(**values: Any) -> None:
            context = click.get_current_context()
            settings = context.ensure_object(Settings)
            if routine is None:
                function(settings, **values)
                return
            given = {}
            for declared in routine.declared():
                value = values.pop(declared.name)
                if context.get_parameter_source(declared.name) is not ParameterSource.DEFAULT:
                    given[declared.name] = value
            function(settings, routine(**given), **values)

        decorated: Command = common_options(run)
        if routine is None:
            return group.command(name)(decorated)
        for declared in reversed(routine.declared()):
            is_named = not (declared.parameter.required or declared.name in positional)
            decorated = (_option if is_named else _argument)(declared)(decorated)
        return group.command(name, cls=RoutineCommand, routine=routine, positional=positional)(
            decorated
        )

    return decorate


def _argument(declared: Declared) -> Callable[[Command], Command]:
    return click.argument(declared.name, type=_type(declared), required=declared.parameter.required)


def _option(declared: Declared) -> Callable[[Command], Command]:
    parameter = declared.parameter
    flag = "--" + declared.name.replace("_", "-")
    is_switch = parameter.sql_type == "boolean"
    return click.option(
        f"{flag}/--no-{flag[2:]}" if is_switch else flag,
        declared.name,
        type=None if is_switch else _type(declared),
        default=None,
        metavar=None if parameter.choices else _METAVARS.get(parameter.sql_type),
        help=parameter.meaning + _default(declared),
    )


def _type(declared: Declared) -> Any:
    parameter = declared.parameter
    return click.Choice(parameter.choices) if parameter.choices else _TYPES[parameter.sql_type]


def _default(declared: Declared) -> str:
    """Tell the default of the database as it would be given."""
    text = declared.parameter.default
    if text is None:
        return ""
    if declared.parameter.sql_type == "boolean":
        text = ("" if text == "true" else "no-") + declared.name.replace("_", "-")
    return f"  [default: {text.strip(_QUOTE)}]"
