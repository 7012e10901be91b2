"""Reads the comment of a public routine, which has a fixed form.

    First sentence: the summary. Further sentences and paragraphs: behaviour.

    Parameters:
      batch_size: Rows of the first batch. The next ones are sized when adaptive.
      on_conflict: What happens to a row that was changed since. One of: keep, force, abort.
    As in etl.correct_asset_classes: target, timeout, reason.
    Returns one row.
    Raises ME001, ME002, ME008.

A line that is indented deeper continues the one before; after 'Returns' and 'Raises' it need not be
indented. A parameter that means the same in several routines is explained in one of them, and the
others refer to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

WIDTH = 100

_HEADING = "Parameters:"
_CLOSING = ("Returns ", "Raises ")
_STARTS = (_HEADING, "As in ", *_CLOSING)
_ENTRY = re.compile(r"  (\w+): (\S.*)")
_REFERENCE = re.compile(r"As in etl\.(\w+): (\w+(?:, \w+)*)\.")
_CHOICES = re.compile(r" One of: (\w+(?:, \w+)+)\.$")


class CommentError(ValueError):
    """A comment breaks the fixed form, or does not fit its routine."""

    def __init__(self, routine: str, what: str) -> None:
        super().__init__(f"comment of etl.{routine}: {what}")


@dataclass(frozen=True)
class Meaning:
    """What a parameter means, and its values where they are few."""

    text: str
    choices: tuple[str, ...] = ()


@dataclass
class Comment:
    """The parts of a comment."""

    prose: tuple[str, ...]
    """Paragraphs before the parameters; the first one begins with the summary."""
    meanings: dict[str, Meaning] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    """Parameters that are explained elsewhere, each with the name of that routine."""
    closing: list[str] = field(default_factory=list)
    """What the routine returns and raises."""


def parse(routine: str, text: str) -> Comment:
    """Return the parts of the comment of a routine; CommentError says what breaks the form."""
    lines = text.strip("\n").splitlines()
    for line in lines:
        if len(line) > WIDTH or "\t" in line or line != line.rstrip():
            raise CommentError(
                routine, f"a line has more than {WIDTH} columns, a tab or blanks at its end: {line}"
            )
    starts = (i for i, line in enumerate(lines) if line == _HEADING or line.startswith("As in "))
    first = next(starts, len(lines))
    comment = Comment(prose=tuple(_paragraphs(routine, lines[:first])))
    is_listing = False
    for item in _items(lines[first:]):
        if item == _HEADING and not (comment.references or comment.closing or comment.meanings):
            is_listing = True
        elif item.startswith("  ") and is_listing:
            _add_meaning(routine, comment, item)
        elif item.startswith("As in ") and not comment.closing:
            is_listing = False
            _add_references(routine, comment, item)
        elif item.startswith(_CLOSING):
            is_listing = False
            comment.closing.append(_sentence(routine, item))
        else:
            raise CommentError(
                routine,
                "expected 'Parameters:' with entries, then 'As in ...', then 'Returns ...' and "
                f"'Raises ...', without empty lines: {item!r}",
            )
    return comment


def _paragraphs(routine: str, lines: list[str]) -> Iterator[str]:
    paragraphs = [" ".join(group) for has_text, group in groupby(lines, key=bool) if has_text]
    if not paragraphs:
        raise CommentError(routine, "the summary is missing")
    for line in lines:
        if line.startswith(" "):
            raise CommentError(routine, f"a line is indented before {_HEADING!r}: {line!r}")
    for paragraph in paragraphs:
        yield _sentence(routine, paragraph)


def _items(lines: Iterable[str]) -> list[str]:
    """Join each line with those that continue it."""
    items: list[str] = []
    for line in lines:
        if line and items and items[-1] != _HEADING and _continues(line, items[-1]):
            items[-1] += " " + line.lstrip()
        else:
            items.append(line)
    return items


def _continues(line: str, item: str) -> bool:
    is_deeper = _indent(line) > _indent(item)
    return is_deeper or (item.startswith(_CLOSING) and not line.startswith(_STARTS))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _add_meaning(routine: str, comment: Comment, item: str) -> None:
    entry = _ENTRY.fullmatch(item)
    if entry is None:
        raise CommentError(routine, f"expected '  name: meaning': {item!r}")
    name, text = entry.groups()
    if name in comment.meanings:
        raise CommentError(routine, f"parameter {name} is explained twice")
    choices = _CHOICES.search(_sentence(routine, text))
    if choices is None and "One of:" in text:
        raise CommentError(routine, f"expected 'One of: a, b, c.' at the end of {text!r}")
    comment.meanings[name] = (
        Meaning(text)
        if choices is None
        else Meaning(text[: choices.start()], tuple(choices[1].split(", ")))
    )


def _add_references(routine: str, comment: Comment, item: str) -> None:
    reference = _REFERENCE.fullmatch(item)
    if reference is None:
        raise CommentError(routine, f"expected 'As in etl.routine: name, name.': {item!r}")
    for name in reference[2].split(", "):
        if name in comment.meanings or name in comment.references:
            raise CommentError(routine, f"parameter {name} is explained twice")
        comment.references[name] = reference[1]


def _sentence(routine: str, text: str) -> str:
    if not text.endswith("."):
        raise CommentError(routine, f"a period is missing at the end of {text!r}")
    return text
