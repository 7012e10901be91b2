"""Names in the documents are those of things that exist: routines, tables, files, error codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from document_support import DOCUMENTS, EXAMPLE, ROOT, blocks

from mytrader_etl.deployment import sources
from mytrader_etl.errors import OPERATION_ERRORS

GENERATED = ROOT / "docs" / "reference.md"
WRITTEN = [document for document in DOCUMENTS if document != GENERATED]
ARCHITECTURE = ROOT / "docs" / "architecture.md"
GLOSSARY = ROOT / "docs" / "glossary.md"

_TABLE = re.compile(r"^### etl\.(\w+)$", re.MULTILINE)
_IN_SCHEMA = re.compile(r"\betl\.(\w+)")
_PATH = re.compile(r"`((?:driver|procedures|migrations|tests|tools|benchmarks)/[\w./]*)`")
_CODE = re.compile(r"\bME\d{3}\b")
_ROOM_IN_DIAGRAM = re.compile(r'r\d+\["\d+ ([\w/]+)"\]')
_TERM = re.compile(r"^\| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)

by_document = pytest.mark.parametrize(
    "document", WRITTEN, ids=lambda path: str(path.relative_to(ROOT))
)


def text_of(document: Path) -> str:
    """Return a document without its examples, which name things that one might add."""
    text = document.read_text()
    for block in blocks(document):
        if block.note == EXAMPLE:
            text = text.replace(block.text, "")
    return text


def named(pattern: re.Pattern[str], document: Path) -> set[str]:
    """Return what a pattern finds in a document."""
    return set(pattern.findall(text_of(document)))


@by_document
def test_routines_and_tables_exist(document: Path) -> None:
    known = {routine.name for routine in sources.routines()}
    known |= set(_TABLE.findall(GENERATED.read_text()))

    assert named(_IN_SCHEMA, document) - known == set()


@by_document
def test_files_exist(document: Path) -> None:
    assert {path for path in named(_PATH, document) if not (ROOT / path).exists()} == set()


@by_document
def test_error_codes_exist(document: Path) -> None:
    assert named(_CODE, document) <= {error.code for error in OPERATION_ERRORS}


@pytest.mark.parametrize("pattern", [_IN_SCHEMA, _PATH, _CODE], ids=["routine", "file", "code"])
def test_names_are_found(pattern: re.Pattern[str]) -> None:
    """Else the tests above would pass for want of names."""
    assert len(named(pattern, ARCHITECTURE)) > 1


def test_the_diagram_shows_the_rooms_of_the_manifest_in_their_order() -> None:
    assert _ROOM_IN_DIAGRAM.findall(ARCHITECTURE.read_text()) == list(sources.rooms())


def test_every_term_of_the_glossary_has_one_sentence() -> None:
    heading, *terms = _TERM.findall(GLOSSARY.read_text())

    assert heading == ("term", "meaning")
    names = [term.casefold() for term, _ in terms]
    assert names == sorted(set(names))
    assert [meaning for _, meaning in terms if not re.fullmatch(r"(?:(?!\. ).)+\.", meaning)] == []
