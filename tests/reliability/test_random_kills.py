"""Kills at random moments, of every kind, over correct and rollback, with one and more sessions.

MYTRADER_ETL_TORTURE_SEED repeats a run (the seed is printed), MYTRADER_ETL_TORTURE_KILLS says how
many kills there are.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from reliability_support import (
    BARS,
    CHEAP_INDEX,
    MARKETS,
    Call,
    Undisturbed,
    assert_books_balance,
    backup,
    correct,
    figures,
    join,
    make_market,
    one,
    resume,
    rollback,
    run_undisturbed,
    small_disk,
    table,
    terminate,
)
from sql_support import wait_until

from mytrader_etl import deployment
from mytrader_etl.embedded import EmbeddedServer

KINDS = ("terminate", "terminate one", "cancel", "client", "immediate", "postmaster")

_COMMAND = "from mytrader_etl.cli import main; main()"


class Torture:
    """One operation after the other, each killed now and then, until there were enough kills.

    ``disk`` is the server's, where that is one of its own that may fill up.
    """

    def __init__(
        self, server: EmbeddedServer, seed: int, kills: int, disk: Path | None = None
    ) -> None:
        self._server = server
        self._random = random.Random(seed)
        self._wanted = kills
        self._disk = disk
        self._kinds = [*KINDS, *(["disk full"] if disk else [])]
        self.tries: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self.markets: Counter[str] = Counter()
        self.operations = 0
        deployment.up(server.dsn("postgres"))
        self._expected = {market: self._undisturbed(market) for market in MARKETS}

    def _undisturbed(self, market: str) -> Undisturbed:
        """Make a market to copy, and note what an undisturbed run makes of it."""
        self._admin(f"CREATE DATABASE {market} TEMPLATE postgres")
        with psycopg.connect(self._server.dsn(market), autocommit=True) as db:
            make_market(db, BARS, market)
        self._copy(market, "undisturbed")
        dsn = self._server.dsn("undisturbed")
        with psycopg.connect(dsn, autocommit=True) as db:
            return run_undisturbed(db, dsn)

    def _copy(self, market: str, name: str) -> None:
        self._admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._admin(f"CREATE DATABASE {name} TEMPLATE {market}")
        if market == "indexed":
            for setting, value in CHEAP_INDEX.items():
                self._admin(f"ALTER DATABASE {name} SET {setting} = {value}")

    def run(self) -> None:
        while self.kills.total() < self._wanted:
            market = tuple(MARKETS)[self.markets.total() % len(MARKETS)]
            self.markets[market] += 1
            self._copy(market, "tortured")
            self._correct_and_roll_back(uuid4(), uuid4(), market)

    def _correct_and_roll_back(self, correction_id: UUID, rollback_id: UUID, market: str) -> None:
        """Both, tortured; then everything must be as if nothing had happened."""
        expected = self._expected[market]
        self._carry_out(
            correction_id, lambda dsn, **o: correct(dsn, correction_id=correction_id, **o)
        )
        with self._session() as db:
            strategy = "SELECT result ->> 'strategy' FROM public.etl_execution_history"
            assert one(db, strategy) == ("index" if market == "indexed" else "blocks")
            assert table(db) == expected.corrected
            assert backup(db, correction_id) == expected.backup
            assert figures(db, correction_id) == expected.correction
            assert_books_balance(db, correction_id)
        self._carry_out(
            rollback_id,
            lambda dsn, **o: rollback(dsn, correction_id, rollback_id=rollback_id, **o),
        )
        with self._session() as db:
            assert table(db) == expected.before
            assert figures(db, rollback_id) == expected.rollback
            assert figures(db, correction_id)["status"] == "rolled_back"

    def _carry_out(self, execution_id: UUID, start: Callable[..., Call]) -> None:
        """Start it, and resume it after every kill, with one to three sessions, to the end."""
        self.operations += 1
        dsn = self._server.dsn("tortured")
        options = {
            "batch_size": self._random.choice((10, 50, 200)),
            "adaptive": self._random.random() < 0.5,
            "target_batch_time": "10 ms",
            "pause_between_batches": self._random.choice(("0", "10 ms", "30 ms")),
        }
        while not self._is_done(execution_id):
            calls = [
                resume(dsn, execution_id)
                if self._has_begun(execution_id)
                else start(dsn, **options)
            ]
            sessions = self._random.choice((1, 1, 2, 3))
            if sessions > 1:
                wait_until(lambda: self._has_begun(execution_id))
                calls += [join(dsn, execution_id) for _ in range(sessions - 1)]
            time.sleep(self._random.uniform(0, 0.4))
            kind = None
            if self.kills.total() < self._wanted and any(call.is_alive() for call in calls):
                kind = self._random.choice(self._kinds)
                self.tries[kind] += 1
                has_hit = self._kill(kind, calls, execution_id)
            for call in calls:
                call.wait()
            if kind is not None and (has_hit or any(call.error is not None for call in calls)):
                self.kills[kind] += 1  # one that came too late is none

    def _has_begun(self, execution_id: UUID) -> bool:
        with self._session() as db:
            return bool(
                db.execute(
                    "SELECT FROM public.etl_execution_history WHERE execution_id = %s",
                    [execution_id],
                ).fetchall()
            )

    def _is_done(self, execution_id: UUID) -> bool:
        with self._session() as db:
            return (
                self._has_begun(execution_id) and figures(db, execution_id)["status"] == "completed"
            )

    def _kill(self, kind: str, calls: list[Call], execution_id: UUID) -> bool:
        """Kill, and tell whether that is known to have hit; otherwise the calls will tell."""
        if kind in ("terminate", "terminate one", "cancel"):
            with self._session() as db:
                for call in calls[: 1 if kind == "terminate one" else None]:
                    if kind == "cancel":
                        db.execute("SELECT pg_cancel_backend(%s)", [call.pid])
                    else:
                        terminate(db, call.pid)
        elif kind == "client":
            return self._kill_client(execution_id)
        elif kind == "disk full":
            self._fill_disk(calls)
        else:
            if kind == "immediate":
                self._server.stop("immediate")
            else:
                self._server.kill()
            self._server.start()
        return False

    def _kill_client(self, execution_id: UUID) -> bool:
        """Kill a command line that helps with -9, and tell whether it was at work."""
        count = "SELECT count(*) FROM etl.operation_worker WHERE execution_id = %s"
        at_work = count + " AND left_at IS NULL AND worker_number > %s"
        with self._session() as db:
            before = one(db, count, execution_id)
            client = subprocess.Popen(
                [sys.executable, "-c", _COMMAND, "join", str(execution_id)],
                env=os.environ | {"MYTRADER_ETL_DSN": self._server.dsn("tortured")},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            wait_until(lambda: client.poll() is not None or one(db, count, execution_id) > before)
            time.sleep(self._random.uniform(0, 0.2))
            client.send_signal(signal.SIGSTOP)
            was_at_work = one(db, at_work, execution_id, before) > 0
            client.send_signal(signal.SIGKILL)
            client.wait()
        return was_at_work

    def _fill_disk(self, calls: list[Call]) -> None:
        """Leave next to no room until somebody has noticed, or for a while; await the server.

        Without room for WAL the server stops with a crash and starts again by itself.
        """
        assert self._disk is not None
        ballast = self._disk / "ballast"
        room = self._random.randrange(0, 200_000)
        with ballast.open("wb") as file:
            for more in (0, 1_000_000, 20_000_000):  # the server writes meanwhile
                free = os.statvfs(self._disk)
                size = free.f_bavail * free.f_frsize - room - more
                with contextlib.suppress(OSError):
                    os.posix_fallocate(file.fileno(), 0, max(1, size))
                    break
        deadline = time.monotonic() + 2
        while all(call.is_alive() for call in calls) and time.monotonic() < deadline:
            time.sleep(0.02)
        ballast.unlink()
        for call in calls:
            call.wait()
        wait_until(self._answers)

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError), self._session():
            return True
        return False

    def _session(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._server.dsn("tortured"), autocommit=True)

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self._server.dsn("template1"), autocommit=True) as db:
            db.execute(statement)


def torture(server: EmbeddedServer, seed: int, kills: int, disk: Path | None = None) -> Torture:
    """Carry it out, and say with what it can be repeated."""
    print(f"MYTRADER_ETL_TORTURE_SEED={seed} MYTRADER_ETL_TORTURE_KILLS={kills}")
    work = Torture(server, seed, kills, disk)
    work.run()
    print(
        f"{work.kills.total()} kills in {work.operations} operations"
        f" on {work.markets.total()} markets: {dict(work.kills)}, of tries {dict(work.tries)}"
    )
    assert work.kills.total() >= kills
    return work


def test_some_random_kills(own_server: EmbeddedServer) -> None:
    torture(own_server, seed=7, kills=3)


@pytest.mark.torture
def test_many_random_kills(new_server: Callable[..., EmbeddedServer]) -> None:
    """Where a small disk can be had, the server lives on it, and it fills up now and then."""
    seed = int(
        os.environ.get("MYTRADER_ETL_TORTURE_SEED") or random.SystemRandom().randrange(10**6)
    )
    kills = int(os.environ.get("MYTRADER_ETL_TORTURE_KILLS") or 200)
    with small_disk("2g") as disk:
        where = {"temp_dir": disk} if disk else {}
        with new_server(**where) as server:
            done = torture(server, seed, kills, disk)
    if kills >= 200:
        # A full disk often goes unnoticed: PostgreSQL has room in the files that it has.
        assert set(done.tries) == {*KINDS, *(["disk full"] if disk else [])}
        assert set(done.kills) >= set(KINDS)
        assert set(done.markets) == set(MARKETS)
