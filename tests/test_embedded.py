"""The embedded server starts, crashes, restarts, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from sql_support import wait_until

from mytrader_etl import embedded
from mytrader_etl.embedded import EmbeddedServer, EmbeddedServerError

pytestmark = pytest.mark.any_server

OWNER = """
import os, signal, sys, time
from mytrader_etl.embedded import EmbeddedServer
server = EmbeddedServer(data_dir=sys.argv[1]).__enter__()
print(server.pid, server.host, flush=True)
if sys.argv[2] == "exit":
    sys.exit()
os.kill(os.getpid(), int(sys.argv[2]))
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def temporary_files_in_memory(fast_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let servers that are given no folder begin where the others of the tests do."""
    folder = fast_folder / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)  # as /tmp: the account of the server removes what is its own
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 120
    while embedded._alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def one(dsn: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
        assert row is not None
        return row[0]


def keep_three_rows(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 3) AS n")


@pytest.mark.parametrize("crash", ["fast", "immediate", "kill"])
def test_committed_rows_survive_a_restart_under_the_same_dsn(
    own_server: EmbeddedServer, crash: str
) -> None:
    dsn, pid = own_server.dsn(), own_server.pid
    keep_three_rows(dsn)

    if crash == "kill":
        own_server.kill()
    else:
        own_server.stop(crash)  # type: ignore[arg-type]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)
    own_server.start()

    assert one(dsn) == 3
    assert own_server.pid != pid
    assert own_server.dsn() == dsn


def test_nothing_is_left_behind() -> None:
    with EmbeddedServer() as server:
        pid, folder = server.pid, Path(server.host).parent
        assert pid is not None
        assert folder.exists()
    assert gone(pid)
    assert not folder.exists()
    server.close()


@pytest.mark.parametrize("ending", ["exit", str(int(signal.SIGTERM)), str(int(signal.SIGKILL))])
def test_server_ends_with_its_owner_however_that_ends(fast_folder: Path, ending: str) -> None:
    data_dir = fast_folder / "data"
    done = subprocess.run(
        [sys.executable, "-c", OWNER, str(data_dir), ending],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    pid, host = done.stdout.split()
    assert gone(int(pid)), done.stderr
    with EmbeddedServer(data_dir=data_dir) as again:
        assert again.pid != int(pid)
    # The watchdog removes the folder of the socket after the server, not with it.
    wait_until(lambda: not Path(host).exists())


def test_stale_postmaster_pid_of_another_process_is_no_obstacle(fast_folder: Path) -> None:
    data_dir = fast_folder / "data"
    with EmbeddedServer(data_dir=data_dir) as server:
        keep_three_rows(server.dsn())
        lines = (data_dir / "postmaster.pid").read_text().splitlines()
    (data_dir / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with EmbeddedServer(data_dir=data_dir) as server:
        assert one(server.dsn()) == 3


def test_a_running_server_is_not_taken_over(fast_folder: Path) -> None:
    data_dir = fast_folder / "data"
    with EmbeddedServer(data_dir=data_dir) as first:
        keep_three_rows(first.dsn())
        with pytest.raises(EmbeddedServerError, match="already serves"):
            EmbeddedServer(data_dir=data_dir).__enter__()
        assert one(first.dsn()) == 3


def test_settings_and_versions() -> None:
    for major in (16, 18):
        settings = {"work_mem": "9MB", "jit": False}
        with (
            EmbeddedServer(major, settings=settings) as server,
            psycopg.connect(server.dsn()) as connection,
        ):
            assert connection.info.server_version // 10000 == major
            row = connection.execute(
                "SELECT current_setting('work_mem'), current_setting('jit'),"
                " current_setting('listen_addresses')"
            ).fetchone()
            assert row == ("9MB", "off", "")


def test_tcp_wants_the_password() -> None:
    with EmbeddedServer(tcp=True) as server:
        with psycopg.connect(server.tcp_dsn()) as connection:
            assert connection.info.host == "127.0.0.1"
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(server.tcp_dsn(password="wrong"))
    with EmbeddedServer() as server, pytest.raises(EmbeddedServerError, match="TCP"):
        server.tcp_dsn()


def test_folders_are_private() -> None:
    with EmbeddedServer() as server:
        for folder in (Path(server.host), server.data_dir):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_version_that_is_not_there() -> None:
    with pytest.raises(EmbeddedServerError, match="11 is not in the wheel"):
        EmbeddedServer(11).__enter__()
    with pytest.raises(EmbeddedServerError, match="no PostgreSQL in"):
        EmbeddedServer(bin_dir="/nowhere").__enter__()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_binaries_in_a_private_folder_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment of root may be closed to nobody; its modes are not touched."""
    install = embedded.find_install(18)
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    package = private / embedded.PACKAGE
    shutil.copytree(install, package / install.name, symlinks=True)
    libraries = install.parent.with_name(embedded.PACKAGE + ".libs")
    shutil.copytree(libraries, private / libraries.name)
    monkeypatch.setattr(embedded, "find_install", lambda major: package / install.name)

    with EmbeddedServer() as server:
        assert private not in server.bin_dir.parents
        with psycopg.connect(server.dsn()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
