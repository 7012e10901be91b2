"""Names in the documents are those of things that exist: routines, tables, files, error codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from document_support import ROOT

from mytrader_etl.deployment import sources
from mytrader_etl.errors import OPERATION_ERRORS

WRITTEN = [
    ROOT / "README.md",
    *(ROOT / "docs" / f"{name}.md" for name in ("runbook", "architecture", "classification")),
]

_TABLE_OR_TYPE = re.compile(r"CREATE (?:TABLE IF NOT EXISTS|TYPE) etl\.(\w+)")
_IN_SCHEMA = re.compile(r"\betl\.(\w+)")
_PATH = re.compile(r"`((?:driver|procedures|migrations|tests|tools|benchmarks)/[\w./]*)`")
_CODE = re.compile(r"\bME\d{3}\b")

by_document = pytest.mark.parametrize("document", WRITTEN, ids=lambda path: path.name)


@by_document
def test_routines_and_tables_exist(document: Path) -> None:
    known = {routine.name for routine in sources.routines()}
    for migration in sources.migrations():
        known |= set(_TABLE_OR_TYPE.findall(migration.text))

    named = set(_IN_SCHEMA.findall(document.read_text()))

    assert len(named) > 5
    assert named - known == set()


@by_document
def test_files_exist(document: Path) -> None:
    named = set(_PATH.findall(document.read_text()))

    assert {path for path in named if not (ROOT / path).exists()} == set()


@by_document
def test_error_codes_exist(document: Path) -> None:
    named = set(_CODE.findall(document.read_text()))

    assert named
    assert named <= {error.code for error in OPERATION_ERRORS}
