"""Operations that can be met on their way, and logins of every group role."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sql_support import Connection, add_blank_bars, correct
from table_jobs import DDL


@pytest.fixture(scope="module")
def calm_market(pg_server: Any, migrated_template: Any) -> Iterator[Connection]:
    """One market, corrected once, for all tests of a module that change nothing in it."""
    name = f"calm_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(pg_server.dsn(), autocommit=True) as dba:
        dba.execute(f"CREATE DATABASE {name} TEMPLATE {migrated_template.template_dbname}")
        with psycopg.connect(pg_server.dsn(name), autocommit=True) as db:
            db.execute((Path(__file__).parent.parent / "market.sql").read_text())
            correct(db)
            yield db
        dba.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def long_market(market: Connection) -> Connection:
    """The market with 6,000 more bars to correct: slow batches give time to meet it on its way."""
    add_blank_bars(market, 6000)
    return market


@pytest.fixture
def symbols(db: Connection) -> Connection:
    """Return ``db`` with a table of symbols as an ORM makes it, for jobs on small tables."""
    db.execute(DDL)
    return db


def new_login(db: Connection, groups: Sequence[str]) -> Connection:
    """Return a session of a new login role, a member of these group roles, on the same database."""
    name = f"login_{uuid.uuid4().hex[:12]}"
    db.execute(f"CREATE ROLE {name} LOGIN")
    for group in groups:
        db.execute(f"GRANT {group} TO {name}")
    return psycopg.connect(make_conninfo(db.info.dsn, user=name), autocommit=True)


def drop_login(db: Connection, connection: Connection) -> None:
    name = connection.info.user
    connection.close()
    db.execute(f"DROP OWNED BY {name}")
    db.execute(f"DROP ROLE {name}")


@pytest.fixture
def login(db: Connection) -> Iterator[Callable[..., Connection]]:
    """Return a factory of sessions of new login roles, members of the group roles given."""
    opened: list[Connection] = []

    def connect(*groups: str) -> Connection:
        opened.append(new_login(db, groups))
        return opened[-1]

    yield connect
    for connection in opened:
        drop_login(db, connection)


@pytest.fixture(scope="module")
def calm_reader(calm_market: Connection) -> Iterator[Connection]:
    """Return a session of a reader in the calm market."""
    reader = new_login(calm_market, ["etl_reader"])
    yield reader
    drop_login(calm_market, reader)
