"""What the generated classes of this package are made of; this module is written by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import Enum
from typing import Any, ClassVar, Final, Literal, Self, get_type_hints

Interval = timedelta | str
"""A span of time, or a text that PostgreSQL reads as one: ``'500 ms'``, ``'2 hours'``."""

_NAMED: dict[str, Any] = {"NULL": None, "true": True, "false": False}


class Unset(Enum):
    """The type of :data:`UNSET`."""

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""Stands for an option that was not given: it is not sent, and the database's default holds."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """The SQL side of a field.

    ``default`` is the default as it is written in SQL, None where the parameter is required.
    ``choices`` are the values that the routine knows, where they are few.
    """

    sql_type: str
    meaning: str
    default: str | None = None
    choices: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        """Whether a call must give it."""
        return self.default is None

    @property
    def default_value(self) -> Any:
        """The default as a value of Python; ValueError for an expression that SQL computes."""
        text = self.default or "NULL"
        if text in _NAMED:
            return _NAMED[text]
        if re.fullmatch(r"-?\d+", text):
            return int(text)
        if re.fullmatch(r"-?\d+\.\d+", text):
            return float(text)
        if re.fullmatch(r"'(?:[^']|'')*'", text):
            return text[1:-1].replace("''", "'")
        raise ValueError(f"only the database can compute {text}")


@dataclass(frozen=True, slots=True)
class Declared:
    """A parameter together with its name."""

    name: str
    parameter: Parameter


@dataclass(frozen=True, kw_only=True)
class Routine:
    """Base of the generated classes: what a call of ``etl.<routine>`` gives."""

    routine: ClassVar[str]
    is_procedure: ClassVar[bool] = False

    @classmethod
    def declared(cls) -> tuple[Declared, ...]:
        """Return the parameters of the routine, in the order in which SQL declares them."""
        hints = get_type_hints(cls, include_extras=True)
        return tuple(
            Declared(field.name, hints[field.name].__metadata__[0]) for field in fields(cls)
        )

    @classmethod
    def of(cls, other: Routine) -> Self:
        """Return options with what ``other`` was given for parameters that both routines have."""
        names = {declared.name for declared in cls.declared()}
        return cls(**{name: value for name, value in other.values().items() if name in names})

    def given(self) -> Iterator[tuple[Declared, Any]]:
        """Yield the parameters that were given, with their values; None stands for NULL."""
        for declared in self.declared():
            value = getattr(self, declared.name)
            if value is not UNSET:
                yield declared, value

    def values(self) -> dict[str, Any]:
        """Return what was given, by name."""
        return {declared.name: value for declared, value in self.given()}

    def effective(self, name: str, otherwise: Any = None) -> Any:
        """Return the value that holds for a parameter: the one given, or the database's default.

        For a routine that has no such parameter it is ``otherwise``.
        """
        for declared in self.declared():
            if declared.name == name:
                value = getattr(self, name)
                return declared.parameter.default_value if value is UNSET else value
        return otherwise
