"""PgBouncer in transaction mode between us and the server.

Needs Debian's ``pgbouncer``; in CI it has to be there.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from reliability_support import (
    SLOW,
    Connection,
    Undisturbed,
    changed,
    correct,
    figures,
    hurry,
    join,
    one,
    resume,
    status_of,
    table,
)
from sql_support import wait_until

from mytrader_etl import Client


@pytest.fixture
def pooled(dsn: str, db: Connection) -> Iterator[str]:
    """Return the conninfo of the test's database by way of a pooler in transaction mode."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        problem = "pgbouncer is not installed (Debian: apt-get install pgbouncer)"
        if os.environ.get("CI"):
            pytest.fail(problem)
        pytest.skip(problem)
    is_root = os.geteuid() == 0
    with tempfile.TemporaryDirectory(prefix="pooler-", dir="/tmp") as name:
        folder = Path(name)
        (folder / "pgbouncer.ini").write_text(
            f"""
[databases]
* = host={db.info.host} port={db.info.port} user={db.info.user}
[pgbouncer]
pool_mode = transaction
auth_type = any
listen_addr =
listen_port = 6432
unix_socket_dir = {folder}
default_pool_size = 8
ignore_startup_parameters = extra_float_digits
"""
        )
        if is_root:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        with (folder / "log").open("w") as log:
            pooler = subprocess.Popen(
                [program, str(folder / "pgbouncer.ini")],
                stdout=log,
                stderr=log,
                cwd="/",
                user="nobody" if is_root else None,
                extra_groups=[] if is_root else None,
            )
        pooled = make_conninfo(dsn, host=str(folder), port=6432)

        def answers() -> bool:
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(pooled):
                return True
            assert pooler.poll() is None, (folder / "log").read_text()
            return False

        try:
            wait_until(answers)
            yield pooled
        finally:
            pooler.terminate()
            pooler.wait()


def test_behind_a_pooler(bars: Connection, pooled: str, undisturbed: Undisturbed) -> None:
    """Two sessions, a second start, a status: as without it."""
    correction_id = uuid4()
    calls = [correct(pooled, correction_id=correction_id, **SLOW)]
    wait_until(lambda: changed(bars, correction_id) > 0)
    calls.append(join(pooled, correction_id))
    assert correct(pooled).wait().code == "ME001"
    with psycopg.connect(pooled, autocommit=True, prepare_threshold=None) as other:
        assert status_of(other, correction_id) == "running"
    hurry(bars, correction_id)
    assert [call.done()["status"] for call in calls] == ["completed"] * 2
    assert table(bars) == undisturbed.corrected
    assert figures(bars, correction_id) == undisturbed.correction


def test_client_lost_behind_a_pooler(
    bars: Connection, pooled: str, undisturbed: Undisturbed
) -> None:
    """The network is gone in mid-run: the pooler ends the server's session, and anybody goes on."""
    correction_id = uuid4()
    call = correct(pooled, correction_id=correction_id, **SLOW)
    wait_until(lambda: changed(bars, correction_id) > 0)
    with socket.socket(fileno=os.dup(call.session.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)
    assert isinstance(call.wait().error, psycopg.OperationalError)
    hurry(bars, correction_id)
    assert resume(pooled, correction_id).done()["status"] == "completed"
    assert table(bars) == undisturbed.corrected
    assert figures(bars, correction_id) == undisturbed.correction


def test_call_cancelled_behind_a_pooler(
    bars: Connection, pooled: str, undisturbed: Undisturbed
) -> None:
    """The server process lives on for the next client; the worker does not count as alive."""
    correction_id = uuid4()
    call = correct(pooled, correction_id=correction_id, **SLOW)
    wait_until(lambda: changed(bars, correction_id) > 0)
    pid = one(bars, "SELECT backend_pid FROM etl.operation_worker")
    bars.execute("SELECT pg_cancel_backend(%s)", [pid])
    assert call.wait().code == "57014"
    assert one(bars, "SELECT count(*) FROM pg_stat_activity WHERE pid = %s", pid) == 1
    assert status_of(bars, correction_id) == "interrupted"
    hurry(bars, correction_id)
    assert resume(pooled, correction_id).done()["status"] == "completed"
    assert table(bars) == undisturbed.corrected
    assert figures(bars, correction_id) == undisturbed.correction


def test_driver_behind_a_pooler(bars: Connection, pooled: str, undisturbed: Undisturbed) -> None:
    with Client.connect(pooled) as client:
        result = client.correct(max_concurrency=2, batch_size=40, adaptive=False)
        assert (result.status, result.changed) == (
            "completed",
            undisturbed.correction["records_changed"],
        )
        assert table(bars) == undisturbed.corrected
        assert client.rollback(result.execution_id, reason="test").status == "completed"
    assert table(bars) == undisturbed.before
