"""docs/reliability.md names tests that exist, and every test of this folder proves something."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
STATEMENT = HERE.parents[1] / "docs" / "reliability.md"


def names_below(folder: Path) -> set[str]:
    return {
        name
        for path in folder.rglob("test_*.py")
        if path != Path(__file__)
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    }


def test_each_guarantee_names_its_test() -> None:
    named = set(re.findall(r"`(test_\w+)`", STATEMENT.read_text()))
    assert names_below(HERE) <= named
    assert named <= names_below(HERE.parent)
