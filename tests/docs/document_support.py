"""Reads the project's documents: their code blocks, headings and links."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    *(ROOT / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING")),
    *sorted((ROOT / "docs").glob("*.md")),
]
EXAMPLE = "example"
"""Note of a block that shows a change one might make."""

_FENCE = re.compile(r"^```(\w*) *(.*)$")
_HEADING = re.compile(r"^#+ +(.*?) *$")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced code block; ``note`` is what follows the language in its first line."""

    document: Path
    line: int
    language: str
    note: str
    text: str

    @property
    def place(self) -> str:
        """Where the block begins, for messages."""
        return f"{self.document.relative_to(ROOT)}:{self.line}"


def blocks(document: Path) -> Iterator[Block]:
    """Yield the code blocks of a document, in order."""
    opened: Block | None = None
    content: list[str] = []
    for number, line in enumerate(document.read_text().splitlines(), start=1):
        fence = _FENCE.match(line)
        if opened is None and fence:
            opened = Block(document, number, fence[1], fence[2], "")
            content = []
        elif opened is not None and fence:
            yield Block(document, opened.line, opened.language, opened.note, "\n".join(content))
            opened = None
        else:
            content.append(line)
    assert opened is None, f"{document}: a code block is not closed"


def anchors(document: Path) -> set[str]:
    """Return the anchors that GitHub makes of the headings of a document."""
    seen: Counter[str] = Counter()
    found = set()
    for line in _prose(document):
        if heading := _HEADING.match(line):
            anchor = re.sub(r"[^\w\- ]", "", heading[1].lower()).replace(" ", "-")
            found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
            seen[anchor] += 1
    return found


def links(document: Path) -> list[str]:
    """Return the targets of the links of a document."""
    return [link for line in _prose(document) for link in _LINK.findall(line)]


def _prose(document: Path) -> Iterator[str]:
    """Yield the lines outside of code blocks."""
    inside = False
    for line in document.read_text().splitlines():
        if _FENCE.match(line):
            inside = not inside
        elif not inside:
            yield line
