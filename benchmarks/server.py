"""The server that the scenarios run on, fresh copies of data on it, and the meter."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from mytrader_etl.embedded import EmbeddedServer

Metrics = dict[str, float]
"""seconds, wal_bytes, cpu_seconds where it can be had, and what a scenario adds."""

SETTINGS = {
    "shared_buffers": "4GB",
    "max_wal_size": "32GB",
    "checkpoint_timeout": "30min",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "fsync": "on",
}
"""Of the embedded server; all else is PostgreSQL's default, autovacuum included.

With these the tables fit into memory, and a checkpoint never falls into the run of one contender
and not of another: what is compared is the work, not where a limit of the server happens to lie.
"""

_RECORDED = (
    *SETTINGS,
    *("autovacuum", "full_page_writes", "io_method", "jit", "max_parallel_workers_per_gather"),
    *("synchronous_commit", "wal_compression", "wal_level"),
)
_PREFIX = "mytrader_etl_bench_"

# Of updated_at only whether the row was touched.
_DIGEST = """
SELECT count(*), sum(hash_record_extended(
           ROW(id, symbol, timeframe, "timestamp", open, high, low, close, volume, asset_class,
               created_at, updated_at = created_at), 0))
  FROM market_data
"""


class Server:
    """A PostgreSQL server with the right to create databases and to CHECKPOINT.

    ``command`` finds a client program; ``postmaster`` is the server's process where it is local.
    """

    def __init__(
        self,
        dsn: str,
        command: Callable[[str], str | None] = shutil.which,
        postmaster: psutil.Process | None = None,
    ) -> None:
        self._dsn = dsn
        self._postmaster = postmaster
        self._admin = psycopg.connect(dsn, autocommit=True)
        self.command = command

    @classmethod
    @contextmanager
    def embedded(cls, postgres: str) -> Iterator[Server]:
        """Run a server of the wheel's major version, or of a folder with the binaries."""
        which: Any = {"major": int(postgres)} if postgres.isdigit() else {"bin_dir": postgres}
        with (
            EmbeddedServer(**which, settings=SETTINGS) as server,
            cls.given(server.dsn(), server.command, psutil.Process(server.pid)) as ours,
        ):
            yield ours

    @classmethod
    @contextmanager
    def given(cls, *arguments: Any) -> Iterator[Server]:
        """Use a server that runs; leave nothing on it."""
        server = cls(*arguments)
        try:
            server._drop_all()
            yield server
        finally:
            server._drop_all()
            server.close()

    def close(self) -> None:
        """Close the connection."""
        self._admin.close()

    def describe(self) -> dict[str, Any]:
        """Return version and settings."""
        rows = self._admin.execute(
            "SELECT name, current_setting(name, true) FROM unnest(%s::text[]) AS name"
            " WHERE current_setting(name, true) IS NOT NULL ORDER BY name",
            (list(_RECORDED),),
        )
        (version,) = self._one("SHOW server_version")
        return {"version": version, "settings": dict(rows.fetchall())}

    @contextmanager
    def copy(self, template: str, rows: int) -> Iterator[Database]:
        """Give a fresh copy of a template, flushed to disk, and drop it at the end."""
        name = "run"
        self.create(name, template)
        with tempfile.TemporaryDirectory(prefix="mytrader-etl-bench-") as scratch:
            try:
                yield Database(self, self.dsn(name), rows, Path(scratch))
            finally:
                self._drop(_PREFIX + name)

    def has(self, name: str) -> bool:
        """Tell whether one of our databases exists."""
        found = self._one("SELECT FROM pg_database WHERE datname = %s", _PREFIX + name)
        return found is not None

    def create(self, name: str, template: str | None = None) -> str:
        """Create a database, empty or as a copy, and return its dsn."""
        source = sql.Identifier("template1" if template is None else _PREFIX + template)
        self._admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(_PREFIX + name), source
            )
        )
        self._admin.execute("CHECKPOINT")
        return self.dsn(name)

    def dsn(self, name: str) -> str:
        """Return the conninfo of one of our databases."""
        return make_conninfo(self._dsn, dbname=_PREFIX + name)

    @contextmanager
    def metering(self) -> Iterator[Metrics]:
        """Measure the block: time, WAL, and CPU time of all the server's processes."""
        metrics: Metrics = {}
        (start,) = self._one("SELECT pg_current_wal_insert_lsn()::text")
        cpu = self._cpu_seconds()
        began = time.perf_counter()
        yield metrics
        metrics["seconds"] = time.perf_counter() - began
        (wal,) = self._one(
            "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s::pg_lsn)::bigint", start
        )
        metrics["wal_bytes"] = wal
        if cpu is not None:
            metrics["cpu_seconds"] = round((self._cpu_seconds() or 0) - cpu, 2)

    def _cpu_seconds(self) -> float | None:
        """Return the CPU time of the postmaster, its children, and those that have ended."""
        if self._postmaster is None:
            return None
        while True:
            children = self._postmaster.children()
            total = sum(self._postmaster.cpu_times()[:4])
            with suppress(psutil.NoSuchProcess):
                total += sum(sum(child.cpu_times()[:2]) for child in children)
                if self._postmaster.children() == children:
                    return float(total)  # none has ended meanwhile and moved to the postmaster

    def _drop_all(self) -> None:
        for (name,) in self._admin.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (_PREFIX,)
        ).fetchall():
            self._drop(name)

    def _drop(self, name: str) -> None:
        self._admin.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )

    def _one(self, query: str, *values: Any) -> Any:
        return self._admin.execute(query, values).fetchone()


@dataclass(frozen=True)
class Database:
    """A copy of the data for one contender.

    ``rows`` is the number of bars; ``scratch`` is an empty folder of its own.
    """

    server: Server
    dsn: str
    rows: int
    scratch: Path

    def connect(self) -> psycopg.Connection[Any]:
        """Open an autocommit session."""
        return psycopg.connect(self.dsn, autocommit=True)

    def query(self, query: str) -> list[Any]:
        """Return the rows of a query."""
        with self.connect() as session:
            return session.execute(query).fetchall()

    @contextmanager
    def metering(self) -> Iterator[Metrics]:
        """Measure the block; see Server.metering()."""
        with self.server.metering() as metrics:
            yield metrics

    def digest(self) -> tuple[Any, ...]:
        """Return a fingerprint of all rows of market_data, the same whatever their order."""
        return tuple(self.query(_DIGEST)[0])
