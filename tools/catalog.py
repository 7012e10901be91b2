"""What the generators make their texts from: the public routines, as the database declares them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import class_row

from tools.comments import Comment, CommentError, Meaning, parse

_ROUTINES = """
SELECT p.proname AS name,
       p.prokind = 'p' AS is_procedure,
       i.granted_role AS role,
       i.source_path,
       obj_description(p.oid, 'pg_proc') AS comment,
       a.name AS parameter,
       coalesce(a.mode, 'i') AS mode,
       format_type(a.type, NULL) AS type,
       CASE WHEN coalesce(a.mode, 'i') IN ('i', 'b', 'v')
            THEN pg_get_function_arg_default(p.oid, a.position::integer) END AS default_value
  FROM pg_catalog.pg_proc p
  JOIN etl.installed_routine i
    ON i.routine_name = p.proname
   AND i.identity_arguments = pg_get_function_identity_arguments(p.oid)
  LEFT JOIN LATERAL unnest(
           p.proargnames, p.proargmodes::text[],
           coalesce(p.proallargtypes, p.proargtypes::oid[])
       ) WITH ORDINALITY AS a (name, mode, type, position) ON a.type IS NOT NULL
 WHERE p.pronamespace = 'etl'::regnamespace
   AND i.granted_role <> 'internal'
   AND p.proname NOT LIKE '\\_%'
 ORDER BY p.proname COLLATE "C", p.oid, a.position
"""

_RANGES = "SELECT option, kind, lowest, highest FROM etl._option_ranges() WHERE lowest IS NOT NULL"

_KINDS = {
    "number": {"integer", "bigint", "numeric"},
    "interval": {"interval"},
    "size": {"text"},
}

_NO_LIMIT = str(2**63 - 1)
_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


class _Row(NamedTuple):
    name: str
    is_procedure: bool
    role: str
    source_path: str
    comment: str | None
    parameter: str | None
    mode: str
    type: str | None
    default_value: str | None


class Range(NamedTuple):
    """What values an option may have, and how they are compared."""

    option: str
    kind: str
    lowest: str
    highest: str

    @property
    def sentence(self) -> str:
        """The range as it is told."""
        if self.highest == _NO_LIMIT:
            return f"At least {_grouped(self.lowest)}."
        return f"From {_grouped(self.lowest)} to {_grouped(self.highest)}."


@dataclass(frozen=True)
class Parameter:
    """An input parameter of a routine."""

    name: str
    sql_type: str
    default: str | None
    """As one would write it in SQL; None where the parameter is required."""
    meaning: str
    """With the range of its values, where they have one."""
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Routine:
    """A public routine."""

    name: str
    is_procedure: bool
    role: str
    room: str
    """The top-level folder of procedures/ that it lies in."""
    comment: Comment
    parameters: tuple[Parameter, ...]
    answers: tuple[tuple[str, str], ...]
    """Names and types of what it returns."""


def read_routines(connection: psycopg.Connection[Any]) -> list[Routine]:
    """Return the public routines, sorted by name; CommentError where a comment is not in form."""
    connection.execute("SET search_path = pg_catalog")
    connection.execute("SET intervalstyle = postgres")
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        rows = cursor.execute(_ROUTINES).fetchall()
    with connection.cursor(row_factory=class_row(Range)) as cursor:
        ranges = {found.option: found for found in cursor.execute(_RANGES).fetchall()}
    groups = [(name, list(group)) for name, group in groupby(rows, key=lambda row: row.name)]
    comments = {name: parse(name, group[0].comment or "") for name, group in groups}
    return [_routine(name, group, comments, ranges) for name, group in groups]


def _routine(
    name: str, rows: Sequence[_Row], comments: Mapping[str, Comment], ranges: Mapping[str, Range]
) -> Routine:
    first = rows[0]
    inputs = [row for row in rows if _is_input(row)]
    meanings = resolve(name, [row.parameter or "" for row in inputs], comments)
    return Routine(
        name=name,
        is_procedure=first.is_procedure,
        role=first.role,
        room=first.source_path.partition("/")[0],
        comment=comments[name],
        parameters=tuple(
            _parameter(name, row, meanings[row.parameter or ""], ranges.get(row.parameter or ""))
            for row in inputs
        ),
        answers=tuple((row.parameter or "", row.type or "") for row in rows if row.mode in "obt"),
    )


def _is_input(row: _Row) -> bool:
    """Tell a parameter that a call gives.

    One that a procedure both takes and returns is mere result, unless it is an id, which can be
    brought, or has no default. Functions take what they return.
    """
    if row.type is None or row.mode in "ot":
        return False
    is_result = row.mode == "b" and row.is_procedure and row.default_value is not None
    return not is_result or (row.parameter or "").endswith("_id")


def resolve(
    routine: str, parameters: Iterable[str], comments: Mapping[str, Comment]
) -> dict[str, Meaning]:
    """Return the meaning of each parameter; CommentError where it has none, or an entry is idle."""
    comment = comments[routine]
    found: dict[str, Meaning] = dict(comment.meanings)
    for name, other in comment.references.items():
        if other not in comments:
            raise CommentError(routine, f"there is no public routine etl.{other} to refer to")
        if name in comments[other].references:
            raise CommentError(
                routine,
                f"etl.{other} does not explain {name} itself: "
                f"refer to etl.{comments[other].references[name]}",
            )
        if name not in comments[other].meanings:
            raise CommentError(routine, f"etl.{other} does not explain a parameter {name}")
        found[name] = comments[other].meanings[name]
    declared = list(parameters)
    for name in declared:
        if name not in found:
            raise CommentError(routine, f"parameter {name} is not explained")
    for name in found:
        if name not in declared:
            raise CommentError(routine, f"there is no parameter {name} to explain")
    return found


def _parameter(routine: str, row: _Row, meaning: Meaning, limits: Range | None) -> Parameter:
    sql_type = row.type or ""
    text = meaning.text
    if meaning.choices and sql_type != "text":
        raise CommentError(
            routine, f"parameter {row.parameter} is of type {sql_type}: only text has 'One of:'"
        )
    if limits is not None:
        if sql_type not in _KINDS.get(limits.kind, ()):
            raise CommentError(
                routine,
                f"parameter {row.parameter} is of type {sql_type}, but etl._option_ranges() gives "
                f"it a range of kind {limits.kind}",
            )
        text = f"{text} {limits.sentence}"
    return Parameter(
        name=row.parameter or "",
        sql_type=sql_type,
        default=None if row.default_value is None else written(row.default_value),
        meaning=text,
        choices=meaning.choices,
    )


def written(expression: str) -> str:
    """Return a default as one would write it: without a cast, and with the unit of a time."""
    text, _, cast = expression.rpartition("::")
    if not text or not re.fullmatch(r"[a-z ]+(\[\])?", cast):
        return expression
    clock = _CLOCK.fullmatch(text.strip("'")) if cast == "interval" else None
    return f"'{_span(*map(float, clock.groups()))}'" if clock else text


def _span(hours: float, minutes: float, seconds: float) -> str:
    total = round((hours * 60 + minutes) * 60_000 + seconds * 1000, 3)
    for size, unit in ((3_600_000, "hour"), (60_000, "minute"), (1000, "s"), (1, "ms")):
        if total and total % size == 0:
            number = round(total / size)
            return f"{number} {unit}{'s' if number > 1 and len(unit) > 2 else ''}"
    return f"{total:g} ms" if total else "0"


def _grouped(number: str) -> str:
    """Return a limit as it is read most easily."""
    return f"{int(number):,}" if number.isdigit() else number
