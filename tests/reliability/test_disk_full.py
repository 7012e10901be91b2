"""The disk fills up in the middle; a small tmpfs plays the disk.

Needs the right to mount; elsewhere it is skipped.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from reliability_support import (
    MARKET,
    Call,
    assert_books_balance,
    backup,
    changed,
    correct,
    figures,
    mount_tmpfs,
    resume,
    rollback,
    run_undisturbed,
    small_disk,
    status_of,
    table,
)

from mytrader_etl import deployment
from mytrader_etl.embedded import EmbeddedServer

FAT_BARS = """
INSERT INTO market_data (id, symbol, timeframe, "timestamp", close)
SELECT md5('fat' || bar)::uuid, 'AAPL', '1m',
       timestamptz '2025-01-01 00:00+00' + bar * interval '1 minute', bar
  FROM generate_series(1, 20000) AS bar;
ANALYZE market_data;
"""


@pytest.fixture
def disk() -> Iterator[Path]:
    """Return a folder on a disk of its own, of 100 MB, which the server may use."""
    with small_disk("100m") as folder:
        if folder is None:
            pytest.skip("mounting a small tmpfs is not permitted here: root in a container only")
        folder.chmod(0o700)
        yield folder


def test_disk_full(disk: Path, own_server: EmbeddedServer) -> None:
    """The batch is undone, the operation stops with 53100, and goes on once there is room.

    Both a correction and its rollback.
    """
    deployment.up(own_server.dsn())
    with psycopg.connect(own_server.dsn("template1"), autocommit=True) as admin:
        admin.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
        admin.execute("CREATE DATABASE undisturbed TEMPLATE postgres")
    other = own_server.dsn("undisturbed")
    with psycopg.connect(other, autocommit=True) as db:
        db.execute(MARKET + FAT_BARS)
        expected = run_undisturbed(db, other)
    dsn = own_server.dsn()
    correction_id, rollback_id = uuid4(), uuid4()
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute("SET default_tablespace = small")
        db.execute(MARKET + FAT_BARS)

        run_out_of_room(
            db, dsn, disk, correction_id, lambda **o: correct(dsn, correction_id=correction_id, **o)
        )
        assert table(db) == expected.corrected
        assert backup(db, correction_id) == expected.backup
        assert figures(db, correction_id) == expected.correction
        assert_books_balance(db, correction_id)

        run_out_of_room(
            db,
            dsn,
            disk,
            rollback_id,
            lambda **o: rollback(dsn, correction_id, rollback_id=rollback_id, **o),
        )
        assert table(db) == expected.before
        assert figures(db, rollback_id) == expected.rollback


def run_out_of_room(
    db: psycopg.Connection[Any],
    dsn: str,
    disk: Path,
    execution_id: UUID,
    start: Callable[..., Call],
) -> None:
    """Start it on a disk that is nearly full; give it room once it has stopped, and resume it."""
    db.execute("CHECKPOINT")
    now = os.statvfs(disk)
    used = (now.f_blocks - now.f_bfree) * now.f_frsize
    assert mount_tmpfs(disk, f"remount,size={used + 1_000_000}")
    assert start(batch_size=500, adaptive=False).wait().code == "53100"
    assert status_of(db, execution_id) == "failed"
    assert 0 < changed(db, execution_id) < 20000
    assert mount_tmpfs(disk, "remount,size=200m")
    assert resume(dsn, execution_id).done()["status"] == "completed"
