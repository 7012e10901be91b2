"""The data: templates that each contender gets a fresh copy of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.server import Server
from mytrader_etl import Client, deployment

SQL = Path(__file__).parent / "sql"

MOST = 0.87
"""Share of bars without a class; about 86 % can be corrected."""

A_FEW = 1000
"""Bars without a class on an ordinary day."""


@dataclass(frozen=True)
class Dataset:
    """Data by name; ``fill`` is given the dsn of an empty database, or of a copy of ``base``."""

    name: str
    fill: Callable[[str, int], None]
    base: Dataset | None = None

    def template(self, server: Server, rows: int) -> str:
        """Return the name of the template for that many bars, made where it is missing."""
        name = f"{self.name}_{rows}"
        if not server.has(name):
            base = None if self.base is None else self.base.template(server, rows)
            self.fill(server.create(name, base), rows)
        return name


def _bars(dsn: str, rows: int, *, table: str, missing: float) -> None:
    """Fill an empty database with instruments and bars, and install the library."""
    with psycopg.connect(dsn, autocommit=True) as session:
        session.execute("SELECT set_config('bench.rows', %s, false)", (str(rows),))
        session.execute("SELECT set_config('bench.missing', %s, false)", (str(missing),))
        for script in ("symbols.sql", table, "bars.sql"):
            session.execute((SQL / script).read_bytes())
    deployment.up(dsn)
    _settle(dsn)


def _settle(dsn: str) -> None:
    """Do what autovacuum does in a quiet hour, so that it does not do it in a measurement."""
    with psycopg.connect(dsn, autocommit=True) as session:
        session.execute("VACUUM (FREEZE, ANALYZE)")


def _most_missing(dsn: str, rows: int) -> None:
    _bars(dsn, rows, table="plain.sql", missing=MOST)


def _few_missing(dsn: str, rows: int) -> None:
    _bars(dsn, rows, table="plain.sql", missing=A_FEW / rows)
    with Client.connect(dsn) as client:
        client.analyze()  # on an ordinary day the table was measured before


def _with_index_of_empty(dsn: str, _rows: int) -> None:
    with psycopg.connect(dsn, autocommit=True) as session:
        session.execute("CREATE INDEX ON market_data (symbol) WHERE asset_class = ''")


def _most_missing_partitioned(dsn: str, rows: int) -> None:
    _bars(dsn, rows, table="partitioned.sql", missing=MOST)


def _fewer(dsn: str, rows: int) -> None:
    _bars(dsn, rows // 5, table="plain.sql", missing=MOST)


def _corrected(dsn: str, _rows: int) -> None:
    with Client.connect(dsn) as client:
        client.correct(max_concurrency=2)
    _settle(dsn)


MARKET = Dataset("market", _most_missing)
"""A table whose classes are mostly missing."""

FEWER = Dataset("fewer", _fewer)
"""A fifth of its bars, of the same instruments."""

PARTITIONED = Dataset("partitioned", _most_missing_partitioned)
"""The same bars in monthly partitions."""

DAILY = Dataset("daily", _few_missing)
"""A table that is right but for a thousand bars, with the guide's indexes."""

DAILY_INDEXED = Dataset("daily_indexed", _with_index_of_empty, base=DAILY)
"""DAILY with the index for empty values that the preview advises."""

CORRECTED = Dataset("corrected", _corrected, base=MARKET)
"""MARKET after its correction."""
