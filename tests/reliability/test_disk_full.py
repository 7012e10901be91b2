"""The disk fills up in the middle; a small tmpfs plays the disk.

Needs the right to mount; elsewhere it is skipped.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from reliability_support import (
    MARKET,
    Undisturbed,
    assert_books_balance,
    correct,
    figures,
    one,
    resume,
    run_undisturbed,
    status_of,
    table,
)

from mytrader_etl import deploy
from mytrader_etl.embedded import EmbeddedServer

FAT_BARS = """
INSERT INTO market_data (id, symbol, timeframe, "timestamp", close)
SELECT md5('fat' || bar)::uuid, 'AAPL', '1m',
       timestamptz '2025-01-01 00:00+00' + bar * interval '1 minute', bar
  FROM generate_series(1, 20000) AS bar;
ANALYZE market_data;
"""


def mount(folder: Path, options: str) -> bool:
    """Mount, or mount anew with another size; tell whether that was permitted."""
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """Return a folder on a disk of its own, of 100 MB, which the server may use."""
    with tempfile.TemporaryDirectory(prefix="small-disk-", dir="/tmp") as name:
        folder = Path(name)
        if os.geteuid() != 0 or not mount(folder, "size=100m"):
            pytest.skip("mounting a small tmpfs is not permitted here: root in a container only")
        try:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            folder.chmod(0o700)
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_disk_full(small_disk: Path, own_server: EmbeddedServer) -> None:
    """The batch is undone, the operation stops with 53100, and goes on once there is room."""
    deploy.up(own_server.dsn())
    with psycopg.connect(own_server.dsn("template1"), autocommit=True) as admin:
        admin.execute(f"CREATE TABLESPACE small LOCATION '{small_disk}'")
        admin.execute("CREATE DATABASE undisturbed TEMPLATE postgres")
    other = own_server.dsn("undisturbed")
    with psycopg.connect(other, autocommit=True) as db:
        db.execute(MARKET + FAT_BARS)
        expected: Undisturbed = run_undisturbed(db, other)
    dsn = own_server.dsn()
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute("SET default_tablespace = small")
        db.execute(MARKET + FAT_BARS)
        db.execute("CHECKPOINT")
        disk = os.statvfs(small_disk)
        used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
        assert mount(small_disk, f"remount,size={used + 1_000_000}")
        correction_id = uuid4()
        call = correct(dsn, correction_id=correction_id, batch_size=500, adaptive=False).wait()
        assert call.code == "53100"
        assert status_of(db, correction_id) == "failed"
        done = one(
            db, "SELECT count(*) FROM market_data WHERE asset_class = 'STOCK' AND timeframe = '1m'"
        )
        assert 0 < done < 20000
        assert_books_balance(db, correction_id)
        assert mount(small_disk, "remount,size=100m")
        assert resume(dsn, correction_id).done()["status"] == "completed"
        assert table(db) == expected.corrected
        assert figures(db, correction_id) == expected.correction
        assert_books_balance(db, correction_id)
