"""The commands in the documents are true: every one is run, in order, on a fresh database.

A block of sql, bash or python is run unless its first line says "skip: <why>". A block of sql with
"session 2" is for a second psql and runs while the block before it is still at work.
"""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest
from document_shells import Psql, checkout, environment, run_outside
from document_support import ROOT, Block, blocks
from sql_support import wait_until

from mytrader_etl import deployment
from mytrader_etl.embedded import EmbeddedServer

RUNNABLE = ("sql", "bash", "python")
SECOND_SESSION = "session 2"

_FIGURE = re.compile(r"^(\w+) +\| ([\d.]+)$", re.MULTILINE)


def runnable(document: Path) -> list[Block]:
    """Return the blocks of a document that are to be run."""
    found = [block for block in blocks(document) if block.language in RUNNABLE]
    for block in found:
        assert block.note in ("", SECOND_SESSION) or block.note.startswith("skip: "), block.place
    return [block for block in found if not block.note.startswith("skip: ")]


def figures_shown(document: Path) -> dict[str, float]:
    """Return what a document shows as the answer of the analysis."""
    shown = next(b for b in blocks(document) if b.text.startswith("total_records "))
    found = {name: float(value) for name, value in _FIGURE.findall(shown.text)}
    assert len(found) == 8
    return found


def wait_for_worker(dsn: str) -> None:
    """Wait until a session works on an operation."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        query = "SELECT count(*) FROM etl.correction_status() WHERE live_workers > 0"
        wait_until(lambda: connection.execute(query).fetchone() != (0,))


def run_all(document: Path, server: EmbeddedServer, folder: Path) -> list[Block]:
    """Run all blocks of a document as one reader would who has the database ``trading``."""
    surroundings = environment(server, "trading")
    first, second = Psql(server, surroundings), Psql(server, surroundings)
    found = runnable(document)
    try:
        for block, following in zip(found, [*found[1:], None], strict=True):
            if block.language != "sql":
                run_outside(block, surroundings, folder)
            elif block.note == SECOND_SESSION:
                wait_for_worker(server.dsn("trading"))
                second.send(block)
                second.finish()
                first.finish()
            else:
                first.send(block)
                if following is None or following.note != SECOND_SESSION:
                    first.finish()
    finally:
        first.close()
        second.close()
    return found


@pytest.fixture
def trading(own_server: EmbeddedServer) -> str:
    """Return the conninfo of an empty database, named as in the documents."""
    with psycopg.connect(own_server.dsn(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE trading")
    return own_server.dsn("trading")


def test_readme(own_server: EmbeddedServer, trading: str, tmp_path: Path) -> None:
    found = run_all(ROOT / "README.md", own_server, checkout(tmp_path))

    assert {block.language for block in found} == set(RUNNABLE)
    with psycopg.connect(trading) as connection:
        (analysis,) = connection.execute(
            "SELECT to_jsonb(a) FROM etl.analysis a ORDER BY a.analyzed_at LIMIT 1"
        ).fetchall()
        assert figures_shown(ROOT / "README.md").items() <= analysis[0].items()
        sessions = connection.execute(
            "SELECT max(w.worker_number) FROM etl.operation_worker w"
            " JOIN public.etl_execution_history h USING (execution_id)"
            " WHERE h.application_name = 'psql' AND h.operation = 'correction'"
        ).fetchone()
        statuses = connection.execute(
            "SELECT operation, status FROM public.etl_execution_history"
            " WHERE application_name = 'psql' ORDER BY started_at"
        ).fetchall()
    assert sessions == (2,)
    assert statuses == [
        ("correction", "completed"),
        ("correction", "rolled_back"),
        ("rollback", "completed"),
        ("rollback", "completed"),
        ("sync", "completed"),
    ]


def test_runbook(own_server: EmbeddedServer, trading: str, tmp_path: Path) -> None:
    with psycopg.connect(trading, autocommit=True) as connection:
        connection.execute((ROOT / "driver" / "demo" / "sample.sql").read_text())
        # The commands are what is tested, and there are many: a quarter of the bars will do.
        connection.execute("DELETE FROM market_data WHERE left(id::text, 1) > '3'")
        connection.execute("VACUUM (FULL, ANALYZE) market_data")
    deployment.up(trading)

    found = run_all(ROOT / "docs" / "runbook.md", own_server, checkout(tmp_path))

    assert {block.language for block in found} == {"sql", "bash"}
    with psycopg.connect(trading) as connection:
        emergency = connection.execute(
            "SELECT DISTINCT c.status FROM public.etl_execution_history r"
            " JOIN public.etl_execution_history c ON c.execution_id = r.subject_execution_id"
            " WHERE r.reason IN ('emergency', 'restored by hand')"
        ).fetchall()
        unfinished = connection.execute(
            "SELECT execution_id FROM public.etl_execution_history WHERE finished_at IS NULL"
        ).fetchall()
    assert emergency == [("rolled_back",)]
    assert unfinished == []


def test_classification(own_server: EmbeddedServer, trading: str, tmp_path: Path) -> None:
    deployment.up(trading)

    found = run_all(ROOT / "docs" / "classification.md", own_server, checkout(tmp_path))

    assert {block.language for block in found} == {"sql", "bash"}
    with psycopg.connect(trading) as connection:
        answers = connection.execute(
            "SELECT q.ticker, c.asset_class, c.rule FROM (VALUES ('abc#c', 'Our Desk'),"
            " ('ZORKTRY', NULL), ('FROBNIZ-USD.ZX', NULL), ('AAPL', 'YAHOO')) q (ticker, venue),"
            " etl.classify_symbol(q.ticker, q.venue) c"
        ).fetchall()
    assert answers == [
        ("abc#c", "OPTION", "desk_option"),
        ("ZORKTRY", "CRYPTO", "coin_pair"),
        ("FROBNIZ-USD.ZX", "CRYPTO", "crypto_pair"),
        ("AAPL", "UNKNOWN", None),
    ]
