"""The server crashes, or the client is killed: resumed, all is as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from uuid import uuid4

import psycopg
import pytest
from reliability_support import (
    BARS,
    SLOW,
    Connection,
    Undisturbed,
    assert_books_balance,
    backup,
    changed,
    correct,
    figures,
    hurry,
    join,
    make_market,
    resume,
    rollback,
    run_undisturbed,
    status_of,
    table,
)
from sql_support import wait_until

from mytrader_etl import deployment
from mytrader_etl.embedded import EmbeddedServer

CRASHES: dict[str, Callable[[EmbeddedServer], None]] = {
    "stopped at once": lambda server: server.stop("immediate"),
    "postmaster killed": lambda server: server.kill(),
}


@pytest.fixture
def market_on_own_server(own_server: EmbeddedServer) -> Iterator[tuple[Connection, Undisturbed]]:
    """A market on a server that may crash, and what an undisturbed run makes of it."""
    deployment.up(own_server.dsn())
    with psycopg.connect(own_server.dsn(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE undisturbed TEMPLATE postgres")
        make_market(admin, BARS)
    other = own_server.dsn("undisturbed")
    with psycopg.connect(other, autocommit=True) as db:
        make_market(db, BARS)
        expected = run_undisturbed(db, other)
    with psycopg.connect(own_server.dsn(), autocommit=True) as db:
        yield db, expected


@pytest.mark.parametrize(
    ("crash", "sessions"),
    [
        pytest.param("stopped at once", 1, marks=pytest.mark.torture),
        pytest.param("stopped at once", 2, marks=pytest.mark.torture),
        pytest.param("postmaster killed", 1, marks=pytest.mark.torture),
        ("postmaster killed", 2),
    ],
)
def test_server_crashes(
    own_server: EmbeddedServer,
    market_on_own_server: tuple[Connection, Undisturbed],
    crash: str,
    sessions: int,
) -> None:
    """During the correction, and again during its rollback."""
    db, expected = market_on_own_server
    dsn = own_server.dsn()
    correction_id, rollback_id = uuid4(), uuid4()
    starts = {
        correction_id: lambda: correct(dsn, correction_id=correction_id, **SLOW),
        rollback_id: lambda: rollback(dsn, correction_id, rollback_id=rollback_id, **SLOW),
    }
    for execution_id, start in starts.items():
        calls = [start()]
        wait_until(lambda db=db, id_=execution_id: changed(db, id_) > 0)
        calls += [join(dsn, execution_id) for _ in range(sessions - 1)]
        wait_until(lambda db=db, id_=execution_id: changed(db, id_) > 200)
        CRASHES[crash](own_server)
        assert all(call.wait().error is not None for call in calls)
        own_server.start()
        db.close()
        db = psycopg.connect(dsn, autocommit=True)
        assert status_of(db, execution_id) == "interrupted"
        hurry(db, execution_id)
        calls = [resume(dsn, execution_id)]
        wait_until(lambda db=db, id_=execution_id: status_of(db, id_) != "interrupted")
        calls += [join(dsn, execution_id) for _ in range(sessions - 1)]
        assert {call.done()["status"] for call in calls} == {"completed"}
        if execution_id == correction_id:
            assert table(db) == expected.corrected
            assert backup(db, correction_id) == expected.backup
            assert figures(db, correction_id) == expected.correction
            assert_books_balance(db, correction_id)
    assert table(db) == expected.before
    assert figures(db, rollback_id) == expected.rollback
    db.close()


@pytest.mark.parametrize("job", ["correct", "rollback"])
@pytest.mark.parametrize("sessions", [pytest.param(1, marks=pytest.mark.torture), 2])
def test_command_line_killed(
    bars: Connection, dsn: str, undisturbed: Undisturbed, sessions: int, job: str
) -> None:
    """kill -9 of the client: its sessions end by themselves, and anybody can go on."""
    correction_id = execution_id = uuid4()
    arguments = [job, "--yes", f"--correction-id={correction_id}"]
    if job == "rollback":
        correct(dsn, correction_id=correction_id).done()
        execution_id = uuid4()
        arguments = [job, "--yes", str(correction_id), f"--rollback-id={execution_id}"]
        arguments += ["--reason=test"]
    arguments += ["--batch-size=40", "--no-adaptive", "--pause-between-batches=300 ms"]
    arguments += ["--max-concurrency"]
    environment = os.environ | {"MYTRADER_ETL_DSN": dsn, "PYTHONWARNINGS": ""}
    client = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from mytrader_etl.cli import main; main()",
            *arguments,
            str(sessions),
        ],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: changed(bars, execution_id) > 100)
    client.send_signal(signal.SIGKILL)
    client.wait()
    hurry(bars, execution_id)
    # A server process notices that its client is gone when it next has something to tell it.
    row = resume(dsn, execution_id).done()
    assert row["status"] == "completed"
    wait_until(
        lambda: (
            not bars.execute(
                "SELECT FROM pg_stat_activity"
                " WHERE state <> 'idle' AND datname = current_database()"
                " AND pid <> pg_backend_pid()"
            ).fetchall()
        )
    )
    if job == "rollback":
        assert table(bars) == undisturbed.before
        assert figures(bars, execution_id) == undisturbed.rollback
    else:
        assert table(bars) == undisturbed.corrected
        assert backup(bars, correction_id) == undisturbed.backup
        assert figures(bars, correction_id) == undisturbed.correction
