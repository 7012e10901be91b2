"""The platform's tables in three kinds: as we create them, made by hand, made by an ORM."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sql_support import Connection, call, rows, select_one

HERE = Path(__file__).resolve().parent
TABLES = ("asset_classes", "markets", "trading_sessions", "data_providers")


@dataclass(frozen=True)
class Platform:
    """A database with the platform's tables, and how these are written."""

    kind: str
    db: Connection
    tables: dict[str, str]

    def table(self, name: str) -> str:
        """Return the name of a table as one writes it in SQL."""
        return self.tables[name]

    def column(self, name: str) -> str:
        """Return the name of a column as one writes it in SQL."""
        if self.kind != "mixed_case":
            return "timezone" if (self.kind, name) == ("snake_case", "time_zone") else name
        known = {"name": "Name", "start_time": "OpenTime", "end_time": "CloseTime"}
        return '"{}"'.format(known.get(name) or name.title().replace("_", ""))

    def count(self, name: str) -> int:
        ((count,),) = rows(self.db, f"SELECT count(*) FROM {self.table(name)}")
        return int(count)

    def contents(self) -> dict[str, list[Any]]:
        """Return every row of every table, with all its columns."""
        return {
            name: [row for (row,) in rows(self.db, _ALL_ROWS.format(self.table(name)))]
            for name in TABLES
        }


_ALL_ROWS = "SELECT to_jsonb(t) FROM {} t ORDER BY to_jsonb(t)::text"


@pytest.fixture(params=["created", "snake_case", "mixed_case"])
def platform(request: pytest.FixtureRequest, db: Connection) -> Platform:
    """Return empty tables of each kind in turn, fit for the reference data."""
    if request.param == "created":
        call(db, "create_platform_tables")
        return Platform("created", db, {name: f"public.{name}" for name in TABLES})
    db.execute((HERE / f"{request.param}.sql").read_text())
    if request.param == "snake_case":
        select_one(
            db,
            "set_column_default",
            relation="trading.asset_classes",
            column_name="tier",
            value="second",
        )
        return Platform("snake_case", db, {name: f"trading.{name}" for name in TABLES})
    return Platform(
        "mixed_case", db, {name: '"{}"'.format(name.title().replace("_", "")) for name in TABLES}
    )


@pytest.fixture
def created(db: Connection) -> Platform:
    """Return the tables that we create, empty."""
    call(db, "create_platform_tables")
    return Platform("created", db, {name: f"public.{name}" for name in TABLES})


@pytest.fixture
def template(request: pytest.FixtureRequest, template: str) -> str:
    """Let tests on the reference data begin with these: to make them takes long."""
    wants_markets = "markets" in request.fixturenames
    return str(request.getfixturevalue("platform_template")) if wants_markets else template


@pytest.fixture
def markets(db: Connection) -> Connection:
    """Return a session on the tables that we create, with the reference data."""
    return db
