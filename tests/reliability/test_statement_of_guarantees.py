"""docs/reliability.md names tests that exist, and every test of this folder proves something."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
STATEMENT = HERE.parents[1] / "docs" / "reliability.md"


def test_each_guarantee_names_its_test() -> None:
    named = set(re.findall(r"`(test_\w+)`", STATEMENT.read_text()))
    there = {
        name
        for path in HERE.glob("test_*.py")
        if path != Path(__file__)
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    assert named == there
