"""An application writes at full speed, during the correction and during the rollback.

It keeps a book of what it wrote last. After the correction every bar holds that, or, where it is
NULL or empty, the class of its symbol; after the rollback every bar holds what it wrote, and
nothing else. The application must not meet one error, deadlock or lock timeout.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from reliability_support import (
    Call,
    Connection,
    assert_books_balance,
    changed,
    correct,
    figures,
    join,
    one,
    rollback,
)
from sql_support import wait_until

SLOW: dict[str, Any] = {"batch_size": 15, "adaptive": False, "pause_between_batches": "1 s"}
KINDS = {"insert", "touch", "classify", "delete"}
SYMBOLS = ("AAPL", "MSFT", "SPY", "BTCUSD", "KO", "THYAO")
THEIRS = "COMMODITY"
"""The class that the application writes; the job writes it to none of SYMBOLS."""


class Application(threading.Thread):
    """Inserts, updates and deletes, up to three bars in a transaction, until it is told to stop."""

    def __init__(self, dsn: str, seed: int) -> None:
        super().__init__(daemon=True)
        self._random = random.Random(seed)
        self._dsn = dsn
        self._stop_now = threading.Event()
        self._pause = 0.0
        self.done: Counter[str] = Counter()
        self.errors: list[Exception] = []
        self.book: dict[str, tuple[str | None, int]] = {}
        self.written: dict[str, float] = {}

    def read(self, db: Connection) -> None:
        """Enter into the book what is there before it begins."""
        rows = db.execute("SELECT id::text, asset_class, close::int FROM market_data").fetchall()
        self.book = {row[0]: (row[1], row[2]) for row in rows}

    def run(self) -> None:
        try:
            with psycopg.connect(self._dsn, autocommit=True) as db:
                db.execute("SET lock_timeout = '60 s'")
                while not self._stop_now.is_set():
                    self._transaction(db)
                    time.sleep(self._pause)
        except Exception as error:
            self.errors.append(error)

    def slow_down(self) -> None:
        """Write some twenty times a second from now on: sweeps end when they find little."""
        self._pause = 0.05

    def has_written_since(self, moment: float) -> bool:
        """Tell whether it has committed something after a moment."""
        return any(written > moment for written in list(self.written.values()))

    def stop(self) -> None:
        """End after the transaction that it is in."""
        self._stop_now.set()
        self.join(120)
        assert not self.is_alive()

    def _transaction(self, db: Connection) -> None:
        changes: dict[str, tuple[str | None, int] | None] = {}
        with db.transaction():
            for _ in range(self._random.choice((1, 1, 3))):
                kind = self._random.choice(("insert", "touch", "touch", "classify", "delete"))
                key, value = self._write(db, kind, changes)
                changes[key] = value
                self.done[kind] += 1
        for key, new in changes.items():
            self.written[key] = time.time()
            if new is None:
                self.book.pop(key, None)
            else:
                self.book[key] = new

    def _write(
        self, db: Connection, kind: str, changes: dict[str, tuple[str | None, int] | None]
    ) -> tuple[str, tuple[str | None, int] | None]:
        number = self._random.randrange(10**6)
        key = self._random.choice(list(self.book))
        if kind == "insert":
            key = str(UUID(int=self._random.getrandbits(128)))
            db.execute(
                "INSERT INTO market_data (id, symbol, timeframe, timestamp, close)"
                " VALUES (%s, %s, %s, clock_timestamp(), %s)",
                [key, self._random.choice(SYMBOLS), key[:8], number],
            )
            return key, (None, number)
        if kind == "delete":
            db.execute("DELETE FROM market_data WHERE id = %s", [key])
            return key, None
        column = {"touch": "close = %s", "classify": "close = %s, asset_class = 'COMMODITY'"}[kind]
        found = db.execute(
            f"UPDATE market_data SET {column} WHERE id = %s RETURNING asset_class", [number, key]
        ).fetchall()
        if not found:  # deleted by this very transaction
            return key, None
        before = changes.get(key) or self.book[key]
        return key, (THEIRS if kind == "classify" else before[0], number)


def mapped(db: Connection) -> dict[str, str]:
    """Return the class of every symbol that has exactly one."""
    rows = db.execute(
        "SELECT ticker, min(asset_class) FROM symbols WHERE asset_class IN"
        " ('CRYPTO', 'STOCK', 'STOCK_BIST', 'FOREX', 'COMMODITY', 'ETF')"
        " GROUP BY ticker HAVING count(DISTINCT asset_class) = 1"
    )
    return dict(rows.fetchall())


def run_beside(db: Connection, first: Call, application: Application, dsn: str, id_: UUID) -> float:
    """Let the operation run with two sessions, the application until after its end.

    Return when its last phase was seen to begin: what was written before, it has met.
    """
    wait_until(lambda: changed(db, id_) > 0)
    calls = [first, join(dsn, id_)]
    application.start()
    wait_until(
        lambda: (
            (set(application.done) == KINDS and application.done.total() > 40) or application.errors
        )
    )
    assert first.is_alive(), "it was over before the application had a chance"
    db.execute("SELECT etl.tune_operation(%s, pause_between_batches => '20 ms')", [id_])
    wait_until(lambda: figures(db, id_)["progress_percent"] > 75 or not first.is_alive())
    application.slow_down()
    wait_until(
        lambda: figures(db, id_)["phase"] in ("sweeping", "finished") or not first.is_alive()
    )
    swept_at = time.time()
    for call in calls:
        row = call.done(120)
        assert row["failed"] == 0
        assert row["status"] in ("completed", "completed_with_errors")
    wait_until(lambda: application.has_written_since(swept_at) or application.errors)
    application.stop()
    assert application.errors == []
    return swept_at


def run_live(db: Connection, dsn: str, seed: int) -> None:
    """Correct and roll back, with an application beside each."""
    print(f"seed {seed}")
    classes = mapped(db)
    correction_id, rollback_id = uuid4(), uuid4()
    application = Application(dsn, seed)
    application.read(db)
    swept_at = run_beside(
        db, correct(dsn, correction_id=correction_id, **SLOW), application, dsn, correction_id
    )
    assert_books_balance(db, correction_id)
    rows = db.execute("SELECT id::text, symbol, asset_class, close::int FROM market_data")
    bars = {row[0]: row[1:] for row in rows.fetchall()}
    assert bars.keys() == application.book.keys()
    for key, (symbol, asset_class, close) in bars.items():
        theirs = application.book[key]
        expected = [theirs[0] or classes.get(symbol, theirs[0])]
        if application.written.get(key, 0) > swept_at:
            expected.append(theirs[0])
        assert close == theirs[1], (key, symbol, theirs)
        assert asset_class in expected, (key, symbol, theirs)
    assert application.has_written_since(swept_at)

    second = Application(dsn, seed + 1)
    second.book = dict(application.book)
    first = rollback(dsn, correction_id, rollback_id=rollback_id, **SLOW)
    run_beside(db, first, second, dsn, rollback_id)
    rows = db.execute("SELECT id::text, asset_class, close::int FROM market_data")
    assert {row[0]: row[1:] for row in rows.fetchall()} == second.book
    outcomes = dict(
        db.execute(
            "SELECT outcome, count(*) FROM etl.rollback_outcomes(%s) GROUP BY 1", [rollback_id]
        ).fetchall()
    )
    assert outcomes["kept"] > 0
    assert outcomes["missing"] > 0
    assert outcomes["restored"] == changed(db, rollback_id)
    total = one(
        db,
        "SELECT records_changed FROM etl_execution_history WHERE execution_id = %s",
        correction_id,
    )
    assert sum(outcomes.values()) == total


def test_live_application(bars: Connection, dsn: str) -> None:
    run_live(bars, dsn, seed=20240101)


@pytest.mark.torture
@pytest.mark.parametrize("round_", range(20))
def test_live_application_again_and_again(bars: Connection, dsn: str, round_: int) -> None:
    run_live(bars, dsn, seed=random.SystemRandom().randrange(10**6) + round_)
