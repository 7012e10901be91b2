"""Symbols from Python and the command line: plan first, result on stdout, warnings on stderr."""

from __future__ import annotations

import json
from typing import Any

import psycopg

from mytrader_etl import Client

Connection = psycopg.Connection[Any]

TICKERS = "SELECT array_agg(ticker ORDER BY ticker) FROM symbols WHERE ticker LIKE 'ORPHAN%'"


def orphaned(db: Connection) -> list[str] | None:
    ((tickers,),) = db.execute(TICKERS).fetchall()
    return tickers


def test_from_python(market: Connection, dsn: str) -> None:
    with Client.connect(dsn) as client:
        found = client.find_orphaned_symbols(count_bars=True)
        assert [(o.ticker, o.bars, o.partner_ticker) for o in found] == [
            ("ORPHAN1", 10, None),
            ("ORPHAN2", 10, None),
        ]
        assert client.symbol_sync_status().status == "unknown"
        done = client.sync_symbols(max_concurrency=2, reason="from Python")
        assert (done.status, done.changed, done.failed) == ("completed", 2, 0)
        assert (done.result["added"], done.result["orphans_left"]) == (2, 0)
        assert done.result["by_class"] == {"UNKNOWN": 2}
        assert orphaned(market) == ["ORPHAN1", "ORPHAN2"]
        assert client.symbol_sync_status().last_sync_id == done.execution_id
        cleaned = client.cleanup_symbols(fix=False)
        assert cleaned.result["fixed"] == 0
        issues = client.symbol_findings(cleaned.execution_id)
        assert len(issues) == cleaned.result["findings"] > 0
        (strange,) = client.symbol_findings(issue="unknown_class")
        assert (strange.ticker, strange.is_fixed) == ("STRANGE", False)
        undone = client.undo(done.execution_id)
        assert (undone.status, undone.changed) == ("completed", 2)
    assert orphaned(market) is None


def test_from_the_command_line(market: Connection, cli: Any) -> None:
    listed = json.loads(cli("--format=json", "symbols", "orphans").stdout)
    assert [row["ticker"] for row in listed] == ["ORPHAN1", "ORPHAN2"]

    plan = cli("symbols", "sync")
    assert plan.exit_code == 2
    assert "2 symbols would be added, 0 completed, 0 skipped; by class: UNKNOWN 2" in plan.stderr
    assert orphaned(market) is None

    done = cli("--format=json", "symbols", "sync", "--yes")
    assert done.exit_code == 0, done.stderr
    assert "warning: 2 symbols are of no class" in done.stderr
    assert json.loads(done.stdout)["result"]["added"] == 2
    assert orphaned(market) == ["ORPHAN1", "ORPHAN2"]

    status = cli("--format=json", "symbols", "status")
    assert status.exit_code == 7
    assert json.loads(status.stdout)["needing_review"] == 2


def test_clean_up_shows_its_plan(market: Connection, cli: Any) -> None:
    market.execute("INSERT INTO symbols (ticker, venue, asset_class) VALUES ('A<B', 'NYSE', 'ETF')")
    active = "SELECT is_active FROM symbols WHERE ticker = 'A<B'"
    plan = cli("symbols", "cleanup")
    assert plan.exit_code == 2
    assert "malformed_ticker 1" in plan.stderr
    assert market.execute(active).fetchall() == [(True,)]
    done = json.loads(cli("--format=json", "symbols", "cleanup", "--yes").stdout)
    assert market.execute(active).fetchall() == [(False,)]
    (found,) = json.loads(
        cli(
            *("--format=json", "symbols", "findings", done["execution_id"]),
            *("--issue", "malformed_ticker"),
        ).stdout
    )
    assert (found["ticker"], found["is_fixed"]) == ("A<B", True)
