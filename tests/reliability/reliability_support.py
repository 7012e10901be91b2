"""What the reliability tests share: calls in the background, a market, what is compared."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]
Row = tuple[Any, ...]

MARKET = (Path(__file__).parents[1] / "market.sql").read_text()

SLOW: dict[str, Any] = {
    "batch_size": 40,
    "adaptive": False,
    "pause_between_batches": "300 ms",
}
"""So long it takes that it can be met on its way; then hurry() ends it."""

BARS = 1600
"""Bars besides those of market.sql; 1,110 of them can be corrected, in 200 blocks."""

# Eight rows to a block, so that few rows make several chunks of work, one for each session.
MORE_BARS = """
ALTER TABLE market_data SET (fillfactor = 10);
INSERT INTO market_data
       (id, symbol, timeframe, "timestamp", close, asset_class, created_at, updated_at)
SELECT md5('more' || bar)::uuid,
       (ARRAY['AAPL', 'MSFT', 'SPY', 'BTCUSD', 'KO', 'GLD', 'ORPHAN1', 'THYAO'])[1 + bar % 8],
       '1m',
       timestamptz '2025-01-01 00:00+00' + bar * interval '1 minute', bar,
       (ARRAY[NULL, '', NULL, 'ETF'])[1 + bar / 8 % 4],
       timestamptz '2024-02-01 00:00+00', timestamptz '2024-02-01 00:00+00'
  FROM generate_series(1, {bars}) AS bar;
ANALYZE market_data;
"""

TABLE = """
SELECT id::text, symbol, timeframe, "timestamp", close, asset_class
  FROM market_data ORDER BY id
"""

FIGURES = """
SELECT operation, status, phase, progress_percent, records_total, records_processed,
       records_changed, records_skipped, records_failed, quality_before, quality_after, error_code,
       finished_at IS NOT NULL AS is_finished
  FROM public.etl_execution_history WHERE execution_id = %s
"""


PARTITIONED = """
ALTER TABLE market_data RENAME TO plain_data;
CREATE TABLE market_data (LIKE plain_data INCLUDING DEFAULTS, PRIMARY KEY (id))
    PARTITION BY HASH (id);
CREATE TABLE bars_0 PARTITION OF market_data FOR VALUES WITH (MODULUS 3, REMAINDER 0)
    WITH (fillfactor = 10);
CREATE TABLE bars_1 PARTITION OF market_data FOR VALUES WITH (MODULUS 3, REMAINDER 1)
    WITH (fillfactor = 10);
CREATE TABLE bars_2 PARTITION OF market_data FOR VALUES WITH (MODULUS 3, REMAINDER 2)
    WITH (fillfactor = 10);
INSERT INTO market_data SELECT * FROM plain_data;
DROP TABLE plain_data;
ANALYZE market_data;
"""

# Whatever the share of the rows: following an index costs nothing.
INDEXED = """
CREATE INDEX ON market_data (asset_class);
ANALYZE market_data;
"""
CHEAP_INDEX = {"random_page_cost": "0", "cpu_index_tuple_cost": "0", "cpu_operator_cost": "0"}

MARKETS = {"plain": "", "partitioned": PARTITIONED, "indexed": INDEXED}
"""What makes of the plain market one of another kind."""


def make_market(db: Connection, bars: int, kind: str = "plain") -> None:
    """Create the platform's tables with ten bars of each kind, and ``bars`` more."""
    db.execute(MARKET)
    db.execute(MORE_BARS.format(bars=bars))
    db.execute(MARKETS[kind])


def one(connection: Connection, query: str, *values: Any) -> Any:
    """Return the only value of a query."""
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return row[0]


def hurry(connection: Connection, execution_id: UUID) -> None:
    """Let an operation, or what is resumed of it, go on without pauses."""
    connection.execute(
        "SELECT etl.tune_operation(%s, pause_between_batches => '0')", [execution_id]
    )


def status_of(connection: Connection, execution_id: UUID) -> str:
    """Return the status as evidence shows it."""
    return one(connection, "SELECT status FROM etl.correction_status(%s)", execution_id)


def figures(connection: Connection, execution_id: UUID) -> dict[str, Any]:
    """Return what the history says of an operation, times apart."""
    cursor = connection.execute(FIGURES, [execution_id])
    row = cursor.fetchone()
    assert row is not None
    assert cursor.description is not None
    return dict(zip([column.name for column in cursor.description], row, strict=True))


def changed(connection: Connection, execution_id: UUID) -> int:
    """Return how many rows an operation has changed so far; 0 before it has begun."""
    return one(
        connection,
        "SELECT coalesce(max(records_changed), 0) FROM public.etl_execution_history"
        " WHERE execution_id = %s",
        execution_id,
    )


def table(connection: Connection) -> list[Row]:
    """Return every bar, all columns that an application would notice."""
    return connection.execute(TABLE).fetchall()


def backup(connection: Connection, correction_id: UUID) -> list[Row]:
    """Return every before-image of a correction: key, old value, new value."""
    name = one(
        connection,
        "SELECT relation::regclass::text FROM etl.correction_backup WHERE execution_id = %s",
        correction_id,
    )
    return connection.execute(
        f"SELECT id::text, asset_class, new_value FROM {name} ORDER BY id, batch_number"
    ).fetchall()


def assert_books_balance(connection: Connection, correction_id: UUID) -> None:
    """The three sums that must be the same: history, batches, before-images."""
    changed, batches, processed = connection.execute(
        """
        SELECT h.records_changed, (SELECT sum(b.changed) FROM etl.operation_batch b
                                    WHERE b.execution_id = h.execution_id),
               h.records_processed - h.records_skipped - h.records_failed
          FROM public.etl_execution_history h WHERE h.execution_id = %s
        """,
        [correction_id],
    ).fetchall()[0]
    assert changed == batches == processed == len(backup(connection, correction_id))


class Call(threading.Thread):
    """A CALL in a session and a thread of its own, from the moment it is made."""

    def __init__(self, dsn: str, procedure: str, **arguments: Any) -> None:
        super().__init__(daemon=True)
        self.row: dict[str, Any] = {}
        self.error: psycopg.Error | None = None
        self.notices: list[str] = []
        self.took = 0.0
        self._statement = sql.SQL("CALL etl.{}({})").format(
            sql.Identifier(procedure),
            sql.SQL(", ").join(
                sql.SQL("{} => {}").format(sql.Identifier(name), sql.Literal(value))
                for name, value in arguments.items()
            ),
        )
        self.session = psycopg.connect(dsn, autocommit=True, prepare_threshold=None)
        self.session.add_notice_handler(
            lambda notice: self.notices.append(notice.message_primary or "")
        )
        self.pid = self.session.info.backend_pid
        self.start()

    def run(self) -> None:
        began = time.monotonic()
        try:
            cursor = self.session.execute(self._statement)
            row = cursor.fetchone()
            assert row is not None
            assert cursor.description is not None
            self.row = dict(zip([c.name for c in cursor.description], row, strict=True))
        except psycopg.Error as error:
            self.error = error
        finally:
            self.took = time.monotonic() - began

    def wait(self, seconds: float = 60) -> Call:
        """Wait for its end, close the session, and return itself."""
        self.join(seconds)
        assert not self.is_alive(), "the CALL does not end"
        self.session.close()
        return self

    def done(self, seconds: float = 60) -> dict[str, Any]:
        """Wait for its end, and return its row; raises its error."""
        self.wait(seconds)
        if self.error is not None:
            raise self.error
        return self.row

    @property
    def code(self) -> str | None:
        """SQLSTATE of its error; None: it had none, or the server went away without a word."""
        return None if self.error is None else self.error.sqlstate


def correct(dsn: str, **options: Any) -> Call:
    """Start a correction; give ``correction_id`` to choose its id."""
    return Call(dsn, "correct_asset_classes", **({"correction_id": uuid4()} | options))


def resume(dsn: str, execution_id: UUID, **options: Any) -> Call:
    """Go on with an operation."""
    return Call(dsn, "resume_correction", correction_id=execution_id, **options)


def join(dsn: str, execution_id: UUID) -> Call:
    """Help an operation with one more session."""
    return Call(dsn, "join_correction", correction_id=execution_id)


def rollback(dsn: str, correction_id: UUID, **options: Any) -> Call:
    """Start a rollback; give ``rollback_id`` to choose its id."""
    return Call(dsn, "rollback_correction", correction_id=correction_id, **options)


def terminate(connection: Connection, pid: int) -> None:
    """End a backend as an administrator does, and wait until it is gone."""
    connection.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])


def mount_tmpfs(folder: Path, options: str) -> bool:
    """Mount, or mount anew with another size; tell whether that was permitted."""
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


@contextmanager
def small_disk(size: str) -> Iterator[Path | None]:
    """Yield a folder on a disk of its own, which a server may use; None: that is not permitted.

    A small tmpfs plays the disk, which takes root, in a container with the right to mount.
    """
    with tempfile.TemporaryDirectory(prefix="small-disk-", dir="/tmp") as name:
        folder = Path(name)
        if os.geteuid() != 0 or not mount_tmpfs(folder, f"size={size}"):
            yield None
            return
        try:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            folder.chmod(0o755)
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@dataclass(frozen=True)
class Undisturbed:
    """What a correction and its rollback leave behind when nothing happens to them."""

    before: list[Row]
    corrected: list[Row]
    backup: list[Row]
    correction: dict[str, Any]
    rollback: dict[str, Any]


def run_undisturbed(db: Connection, dsn: str) -> Undisturbed:
    """Correct and roll back a market once, and note what there is to compare with."""
    before = table(db)
    correction_id, rollback_id = uuid4(), uuid4()
    correct(dsn, correction_id=correction_id, batch_size=200, adaptive=False).done()
    corrected, images = table(db), backup(db, correction_id)
    correction = figures(db, correction_id)
    rollback(dsn, correction_id, rollback_id=rollback_id, batch_size=200, adaptive=False).done()
    assert table(db) == before
    return Undisturbed(before, corrected, images, correction, figures(db, rollback_id))
