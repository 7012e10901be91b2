"""Kills at random moments, of every kind, over correct and rollback, with one and more sessions.

MYTRADER_ETL_TORTURE_SEED repeats a run (the seed is printed), MYTRADER_ETL_TORTURE_KILLS says how
many kills there are.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from reliability_support import (
    BARS,
    Call,
    assert_books_balance,
    backup,
    correct,
    figures,
    join,
    make_market,
    resume,
    rollback,
    run_undisturbed,
    table,
    terminate,
    wait_until,
)

from mytrader_etl import deploy
from mytrader_etl.embedded import EmbeddedServer

_COMMAND = "from mytrader_etl.cli import main; main()"


class Torture:
    """One operation after the other, each killed now and then, until there were enough kills."""

    def __init__(self, server: EmbeddedServer, seed: int, kills: int) -> None:
        self._server = server
        self._random = random.Random(seed)
        self._wanted = kills
        self.kills: Counter[str] = Counter()
        self.operations = 0
        deploy.up(server.dsn("postgres"))
        self._admin("CREATE DATABASE fresh TEMPLATE postgres")
        with psycopg.connect(server.dsn("fresh"), autocommit=True) as db:
            make_market(db, BARS)
        self._admin("CREATE DATABASE undisturbed TEMPLATE fresh")
        with psycopg.connect(server.dsn("undisturbed"), autocommit=True) as db:
            self._expected = run_undisturbed(db, server.dsn("undisturbed"))

    def run(self) -> None:
        while self.kills.total() < self._wanted:
            self._admin("DROP DATABASE IF EXISTS tortured WITH (FORCE)")
            self._admin("CREATE DATABASE tortured TEMPLATE fresh")
            self._correct_and_roll_back(uuid4(), uuid4())

    def _correct_and_roll_back(self, correction_id: UUID, rollback_id: UUID) -> None:
        """Both, tortured; then everything must be as if nothing had happened."""
        self._carry_out(
            correction_id, lambda dsn, **o: correct(dsn, correction_id=correction_id, **o)
        )
        with self._session() as db:
            assert table(db) == self._expected.corrected
            assert backup(db, correction_id) == self._expected.backup
            assert figures(db, correction_id) == self._expected.correction
            assert_books_balance(db, correction_id)
        self._carry_out(
            rollback_id,
            lambda dsn, **o: rollback(dsn, correction_id, rollback_id=rollback_id, **o),
        )
        with self._session() as db:
            assert table(db) == self._expected.before
            assert figures(db, rollback_id) == self._expected.rollback
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
            if self.kills.total() < self._wanted and any(call.is_alive() for call in calls):
                self._kill(calls, execution_id)
            for call in calls:
                call.wait()

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

    def _kill(self, calls: list[Call], execution_id: UUID) -> None:
        kind = self._random.choice(
            ("terminate", "terminate one", "cancel", "client", "immediate", "postmaster")
        )
        self.kills[kind] += 1
        if kind in ("terminate", "terminate one", "cancel"):
            with self._session() as db:
                for call in calls[: 1 if kind == "terminate one" else None]:
                    if kind == "cancel":
                        db.execute("SELECT pg_cancel_backend(%s)", [call.pid])
                    else:
                        terminate(db, call.pid)
        elif kind == "client":
            self._kill_client(execution_id)
        else:
            if kind == "immediate":
                self._server.stop("immediate")
            else:
                self._server.kill()
            self._server.start()

    def _kill_client(self, execution_id: UUID) -> None:
        """A command line that helps is killed with -9."""
        client = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, "join", str(execution_id)],
            env=os.environ | {"MYTRADER_ETL_DSN": self._server.dsn("tortured")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(self._random.uniform(0.4, 1.0))
        client.send_signal(signal.SIGKILL)
        client.wait()

    def _session(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._server.dsn("tortured"), autocommit=True)

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self._server.dsn("template1"), autocommit=True) as db:
            db.execute(statement)


def torture(server: EmbeddedServer, seed: int, kills: int) -> None:
    """Carry it out, and say with what it can be repeated."""
    print(f"MYTRADER_ETL_TORTURE_SEED={seed} MYTRADER_ETL_TORTURE_KILLS={kills}")
    work = Torture(server, seed, kills)
    work.run()
    print(f"{work.kills.total()} kills in {work.operations} operations: {dict(work.kills)}")
    assert work.kills.total() >= kills


def test_some_random_kills(own_server: EmbeddedServer) -> None:
    torture(own_server, seed=7, kills=3)


@pytest.mark.torture
def test_many_random_kills(own_server: EmbeddedServer) -> None:
    seed = int(
        os.environ.get("MYTRADER_ETL_TORTURE_SEED") or random.SystemRandom().randrange(10**6)
    )
    kills = int(os.environ.get("MYTRADER_ETL_TORTURE_KILLS") or 200)
    torture(own_server, seed, kills)
