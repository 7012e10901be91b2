"""Which routine calls which, read from the files of procedures/."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mytrader_etl.deployment import sources

_CALL = re.compile(r"\betl\.([a-z_0-9]+)\s*\(")
_TOKEN = re.compile(
    r"""
      --[^\n]*                          # a comment
    | \$(?P<tag>\w*)\$                  # the begin or end of a body or of a long literal
    | '(?:[^']|'')*'                    # a literal
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Graph:
    """Rooms in layer order, the room of each routine, and the routines that each one calls."""

    rooms: tuple[str, ...]
    room_of: Mapping[str, str]
    calls: Mapping[str, frozenset[str]]

    def edges(self) -> Iterator[tuple[str, str]]:
        """Yield (caller, callee) for every call of another routine."""
        for caller, callees in self.calls.items():
            for callee in sorted(callees):
                yield caller, callee

    def layer(self, routine: str) -> int:
        """Return the place of the routine's room in the manifest."""
        return self.rooms.index(self.room_of[routine])

    def called(self) -> set[str]:
        """Return the routines that some routine calls."""
        return {callee for _, callee in self.edges()}


def graph() -> Graph:
    """Read the call graph of the packaged routines."""
    routines = sources.routines()
    names = {routine.name for routine in routines}
    return Graph(
        tuple(sources.rooms()),
        {routine.name: routine.room for routine in routines},
        {
            routine.name: frozenset(calls(routine.text) & names - {routine.name})
            for routine in routines
        },
    )


def calls(text: str) -> set[str]:
    """Return the routines of schema etl that the file of a routine calls.

    Text in literals is a hint to the user, unless the name begins with an underscore: then it is
    part of a dynamic statement. Comments, also those of COMMENT ON, call nothing.
    """
    body = re.split(r"^COMMENT ON ", text, flags=re.MULTILINE)[0]
    code, literals, end = [], [], 0
    for token in _TOKEN.finditer(body):
        code.append(body[end : token.start()])
        end = token.end()
        if token.group().startswith("'"):
            literals.append(token.group())
    code.append(body[end:])
    in_literals = {name for name in _CALL.findall(" ".join(literals)) if name.startswith("_")}
    return set(_CALL.findall(" ".join(code))) | in_literals
