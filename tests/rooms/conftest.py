"""A job of its own kind, put into dispatch as a newcomer would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from table_jobs import DDL

from mytrader_etl.deployment import sources

BRANCHES = {
    "_jobs": (
        "    ('undo', 'platform',",
        "    ('capitals', 'platform', ARRAY['reading'], '{}',\n"
        "     false, 'change_log', 'etl_operator', interval '10 minutes'),\n"
        "    ('undo', 'platform',",
    ),
    "_work_on_batch": ("WHEN 'bootstrap', 'sync'", "WHEN 'capitals', 'bootstrap', 'sync'"),
    "_end_pass": (
        "        WHEN 'undo' THEN",
        "        WHEN 'capitals' THEN PERFORM etl._end_capitals_pass(p_history);\n"
        "        WHEN 'undo' THEN",
    ),
    "_change_rows": ("WHEN 'bootstrap' THEN", "WHEN 'capitals', 'bootstrap' THEN"),
    "_record_failure": ("WHEN 'bootstrap', 'sync'", "WHEN 'capitals', 'bootstrap', 'sync'"),
}
"""Routine of dispatch -> (text, the text that stands there once the job is known)."""

SYMBOLS = """
INSERT INTO platform."Symbols"
SELECT n, 'T' || n, 'NYSE', NULL, 'name ' || n, 0.01, '{}', '{}', '2020-01-01', NULL, '2024-01-01'
  FROM generate_series(100, 339) AS n;
"""


@pytest.fixture
def toy(db: Any) -> Any:
    """Return ``db`` with 242 symbols and the toy job."""
    db.execute(DDL)
    db.execute(SYMBOLS)
    known = {routine.name: routine for routine in sources.routines()}
    for name, (old, new) in BRANCHES.items():
        assert known[name].room == "operation/dispatch"
        assert known[name].text.count(old) == 1, name
        db.execute(known[name].text.replace(old, new))
    db.execute((Path(__file__).parent / "toy_job.sql").read_text())
    return db
