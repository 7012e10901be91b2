"""Jobs on the platform's small tables, planned row by row, on a table as an ORM makes it."""

from __future__ import annotations

import json
import uuid
from typing import Any

from sql_support import Connection, call, rows

TABLE = 'platform."Symbols"'

DDL = """
CREATE SCHEMA platform;
CREATE TABLE platform."Symbols" (
    "Id"         bigint PRIMARY KEY,
    "Ticker"     varchar(10)   NOT NULL,
    "Exchange"   text,
    "AssetClass" varchar(20),
    "Name"       text,
    "Tick"       numeric(10,4) NOT NULL,
    "Extra"      jsonb         NOT NULL,
    "Tags"       text[]        NOT NULL,
    "ListedAt"   timestamptz   NOT NULL,
    "Halt"       interval,
    "UpdatedAt"  timestamptz   NOT NULL
);
INSERT INTO platform."Symbols" VALUES
    (7, 'AAA', 'NYSE', NULL, 'first', 0.01, '{"a": {"b": [1, 2]}}', '{x,y}', '2020-03-08 02:30+00',
     '1 day 02:00', '2024-02-01 00:00+00'),
    (8, 'BBB', 'NYSE', NULL, 'second', 0.01, '[]', '{}', '2020-03-08 02:30+00', NULL,
     '2024-02-01 00:00+00');
"""


def insert(ticker: str, venue: str = "NYSE", **fields: Any) -> tuple[Any, ...]:
    """Plan a new row."""
    return "insert", None, {"ticker": ticker, "venue": venue} | fields, {}


def update(key: int, condition: dict[str, Any] | None = None, **fields: Any) -> tuple[Any, ...]:
    """Plan new values for a row; condition: what it must still hold."""
    return "update", {"Id": key}, fields, condition or {}


def start(db: Connection, *planned: tuple[Any, ...], **options: Any) -> uuid.UUID:
    """Begin a job that does these rows in one pass, without working on it."""
    identity = uuid.uuid4()
    # A bootstrap without components plans nothing itself.
    chosen = json.dumps({"components": []} | options)
    with db.transaction():
        db.execute(
            "SELECT etl._start_operation(%s, 'bootstrap', 'symbols', NULL, %s, NULL)",
            (identity, chosen),
        )
        with db.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO etl.row_plan VALUES (%s, 1, %s, 'symbol', %s, %s, %s, %s)",
                [
                    (
                        identity,
                        position,
                        action,
                        None if key is None else json.dumps(key),
                        json.dumps(fields),
                        json.dumps(condition),
                    )
                    for position, (action, key, fields, condition) in enumerate(planned, 1)
                ],
            )
        db.execute("SELECT etl._plan_rows(%s, 1::smallint, 'writing', 0, 99)", (identity,))
    return identity


def work(db: Connection, identity: uuid.UUID) -> Any:
    """Work on a job until it ends; return its result row."""
    return call(db, "resume_operation", execution_id=identity)


def run(db: Connection, *planned: tuple[Any, ...], **options: Any) -> uuid.UUID:
    """Do these rows as a job; return its id."""
    identity = start(db, *planned, **options)
    work(db, identity)
    return identity


def undo(db: Connection, identity: Any, **options: Any) -> Any:
    return call(db, "rollback_operation", execution_id=identity, **options)


def contents(db: Connection) -> list[Any]:
    """Return all rows of the table with all their columns, as the server writes them."""
    return rows(db, f'SELECT t::text FROM {TABLE} t ORDER BY "Id"')


def changes(db: Connection, identity: Any) -> list[Any]:
    """Return key, action, before, after and outcome of each change of an operation."""
    return rows(
        db,
        "SELECT (key ->> 'Id')::int, action, before, after, outcome"
        "  FROM etl.operation_changes(%s) ORDER BY change_id",
        identity,
    )
