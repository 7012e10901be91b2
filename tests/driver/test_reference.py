"""The generated reference: complete, the same each time, and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from click.testing import CliRunner

from mytrader_etl.deployment import sources
from mytrader_etl.reference import generate, main

Connection = psycopg.Connection[Any]


def test_everything_is_in_it(db: Connection, session: Any) -> None:
    text = generate(session())
    for routine in sources.routines():
        public = routine.role != "internal" and not routine.name.startswith("_")
        assert (f"\n### etl.{routine.name}\n" in text) is public
    tables = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'etl'").fetchall()
    assert tables
    for (table,) in tables:
        assert f"\n### etl.{table}\n" in text
    assert "\n### public.etl_execution_history\n" in text
    assert "\n### mytrader-etl correct\n" in text
    for number in range(1, 13):
        assert f"| ME{number:03} |" in text
    assert "(no comment)" not in text


def test_defaults_are_as_one_writes_them(session: Any) -> None:
    lines = generate(session()).splitlines()
    start = lines.index("### etl.correct_asset_classes")
    assert "| batch_size | integer | 1000 |" in lines[start:]
    assert "| target | text | 'market_data' |" in lines[start:]


def test_check(dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "reference.md"
    runner = CliRunner()
    assert runner.invoke(main, ["--check", str(path), "--dsn", dsn]).exit_code == 1
    assert runner.invoke(main, [str(path), "--dsn", dsn]).exit_code == 0
    assert runner.invoke(main, ["--check", str(path), "--dsn", dsn]).exit_code == 0
    path.write_text(path.read_text() + "edited\n")
    result = runner.invoke(main, ["--check", str(path), "--dsn", dsn])
    assert result.exit_code == 1
    assert "out of date" in result.stderr
