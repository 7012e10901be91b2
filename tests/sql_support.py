"""Helpers of the tests that use the SQL routines as psql would."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import namedtuple_row

Connection = psycopg.Connection[Any]

CLASSES = ("CRYPTO", "STOCK", "STOCK_BIST", "FOREX", "COMMODITY", "ETF", "INDEX", "FUTURE")

ALL_WRONG = {"only_process_null_asset_class": False, "overwrite_existing_values": True}
"""Options with which every row that differs from its symbol is corrected."""


def _arguments(options: dict[str, Any]) -> sql.Composable:
    return sql.SQL(", ").join(
        sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in options
    )


def call(db: Connection, procedure: str, **options: Any) -> Any:
    """CALL a procedure of schema etl; return its result row, by names."""
    statement = sql.SQL("CALL etl.{}({})").format(sql.Identifier(procedure), _arguments(options))
    with db.cursor(row_factory=namedtuple_row) as cursor:
        cursor.execute(statement, options)
        return cursor.fetchone() if cursor.description else None


def select(db: Connection, function: str, **options: Any) -> list[Any]:
    """Return the rows of a function of schema etl, by names."""
    query = sql.SQL("SELECT * FROM etl.{}({})").format(
        sql.Identifier(function), _arguments(options)
    )
    with db.cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(query, options).fetchall()


def select_one(db: Connection, function: str, **options: Any) -> Any:
    """Return the only row of a function of schema etl."""
    (row,) = select(db, function, **options)
    return row


def correct(db: Connection, **options: Any) -> Any:
    return call(db, "correct_asset_classes", **options)


def rollback(db: Connection, correction_id: Any, **options: Any) -> Any:
    return call(db, "rollback_correction", correction_id=correction_id, **options)


def rows(db: Connection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    return db.execute(query, values or None).fetchall()


def one(db: Connection, query: str, *values: Any) -> Any:
    """Return the only value of a query."""
    ((value,),) = rows(db, query, *values)
    return value


def history(db: Connection, execution_id: Any) -> Any:
    """Return the history row of an operation, by names."""
    with db.cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(
            "SELECT * FROM public.etl_execution_history WHERE execution_id = %s", (execution_id,)
        ).fetchone()


def classes(db: Connection) -> dict[str, str | None]:
    """Return the class of every bar, by its key."""
    return dict(rows(db, "SELECT id::text, asset_class FROM market_data"))


def add_blank_bars(db: Connection, count: int) -> None:
    """Add so many bars of AAPL without a class, one a minute."""
    db.execute(
        """
        INSERT INTO market_data (id, symbol, timeframe, "timestamp", close)
        SELECT md5('blank' || bar)::uuid, 'AAPL', '1m',
               timestamptz '2025-01-01 00:00+00' + bar * interval '1 minute', 100
          FROM generate_series(1, %s) AS bar
        """,
        (count,),
    )
    db.execute("ANALYZE market_data")


def whole_rows(db: Connection, without: Sequence[str] = ()) -> dict[str, Any]:
    """Return every bar with all its columns but some, by its key."""
    return dict(
        rows(db, "SELECT id::text, to_jsonb(m) - %s::text[] FROM market_data m", list(without))
    )


def changed_by(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what differs, by key: (before, after)."""
    assert before.keys() == after.keys()
    return {key: (before[key], after[key]) for key in before if before[key] != after[key]}


def expected_class(
    value: str | None,
    stated: Sequence[str | None],
    known: Sequence[str] | None = CLASSES,
    only_process_null_asset_class: bool = True,
    overwrite_existing_values: bool = False,
    **_: Any,
) -> str | None:
    """Return the value that a row has after a correction: the rules of design sections 4 and 6.

    ``stated`` are the values that the dimension has for the row's symbol, one for each listing.
    """
    truth = {text for text in stated if text is not None and text.strip()}
    if len(truth) != 1 or (known is not None and not truth <= set(known)):
        return value
    blank = value is None or value == ""
    unknown = not blank and (value not in known if known is not None else not value.strip())
    wanted = blank or overwrite_existing_values or (unknown and not only_process_null_asset_class)
    return truth.pop() if wanted else value


def expected_classes(db: Connection, **options: Any) -> dict[str, str | None]:
    """Return the class that every bar must have after a correction with these options."""
    listings: dict[str, list[str | None]] = {}
    for ticker, value in rows(db, "SELECT ticker, asset_class FROM symbols"):
        listings.setdefault(ticker, []).append(value)
    symbols = options.get("target_symbols")
    return {
        key: expected_class(value, listings.get(symbol, []), **options)
        if symbols is None or symbol in symbols
        else value
        for key, symbol, value in rows(db, "SELECT id::text, symbol, asset_class FROM market_data")
    }


@contextmanager
def raises(sqlstate: str, message: str = "") -> Iterator[pytest.ExceptionInfo[psycopg.Error]]:
    """Expect an error of this SQLSTATE and text; ours bear a DETAIL and a HINT."""
    with pytest.raises(psycopg.Error) as caught:
        yield caught
    assert caught.value.sqlstate == sqlstate, caught.value
    assert message in str(caught.value)
    if sqlstate.startswith("ME"):
        assert caught.value.diag.message_detail, caught.value
        assert caught.value.diag.message_hint, caught.value


@contextmanager
def in_background(
    function: Callable[..., Any], *values: Any, **options: Any
) -> Iterator[Future[Any]]:
    """Run something in a thread; its result is known at the end of the block.

    Where the block fails, what the sessions among ``values`` are at is cancelled: it may never end.
    """
    with ThreadPoolExecutor(1) as pool:
        try:
            yield pool.submit(function, *values, **options)
        except BaseException:
            for value in values:
                if isinstance(value, psycopg.Connection):
                    value.cancel()
            raise


def wait_until(true: Callable[[], Any], seconds: float = 120) -> None:
    """Wait until something is true; fail when it takes too long."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


@dataclass(frozen=True)
class Work:
    """What a query has done: the rows it found, and the blocks it read and wrote."""

    rows: int
    shared_blocks: int
    temporary_blocks: int


def work(db: Connection, query: str, *values: Any) -> Work:
    """Return what a query does, the functions that it calls included, with little memory.

    What is joined or sorted does not fit into it: lists that are read again for each row of another
    one show in the temporary blocks, which then grow with the square.
    """
    with db.transaction():
        db.execute("SET LOCAL work_mem = '64kB'")
        ((plan,),) = rows(db, f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}", *values)
    top = plan[0]["Plan"]
    return Work(
        rows=int(top["Actual Rows"]),
        shared_blocks=top["Shared Hit Blocks"] + top["Shared Read Blocks"],
        temporary_blocks=top["Temp Read Blocks"] + top["Temp Written Blocks"],
    )


def rows_read(db: Connection, table: str | None = None) -> int:
    """Return how many rows were read until now, of the tables of that name, or of all."""
    _refresh_statistics(db)
    return int(
        one(
            db,
            "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables"
            " WHERE relname = coalesce(%s, relname)",
            table,
        )
    )


def access(db: Connection, relation: str) -> tuple[int, int]:
    """Return how often a table was scanned from end to end, and by its indexes, until now."""
    _refresh_statistics(db)
    ((scans, searches),) = rows(
        db,
        "SELECT sum(seq_scan), sum(coalesce(idx_scan, 0)) FROM pg_stat_user_tables"
        " WHERE relid = %s::regclass OR relid IN (SELECT relid FROM pg_partition_tree(%s))",
        relation,
        relation,
    )
    return int(scans), int(searches)


def _refresh_statistics(db: Connection) -> None:
    """Let the statistics tell of what this session has done so far."""
    db.execute("SELECT pg_stat_force_next_flush()")
    db.execute("SELECT pg_stat_clear_snapshot()")
