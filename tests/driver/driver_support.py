"""Helpers of the driver's tests."""

from __future__ import annotations

from typing import Any

import psycopg

Connection = psycopg.Connection[Any]

WORKER = "mytrader-etl worker"
"""Under this name the driver's sessions work."""

SLOW = ("--batch-size=200", "--no-adaptive", "--pause-between-batches=500 ms")
"""Options with which a correction of the large market takes many seconds, unless told to hurry."""


def hurry(connection: Connection, execution_id: Any) -> None:
    """Let an operation, or what is resumed of it, go on without pauses."""
    connection.execute(
        "SELECT etl.tune_operation(%s, pause_between_batches => '0')", [execution_id]
    )


def one(connection: Connection, query: str, *values: Any) -> Any:
    """Return the only value of a query."""
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return row[0]


def classes(connection: Connection) -> dict[str, str | None]:
    """Return the class of every bar, by its key."""
    return dict(connection.execute("SELECT id::text, asset_class FROM market_data").fetchall())


def expected_classes(connection: Connection) -> dict[str, str | None]:
    """Return the class that every bar must have once NULL and empty ones are corrected."""
    rows = connection.execute(
        """
        SELECT m.id::text,
               CASE WHEN coalesce(m.asset_class, '') = '' AND t.value IS NOT NULL
                    THEN t.value ELSE m.asset_class END
          FROM market_data m
          LEFT JOIN (
              SELECT ticker, min(asset_class) AS value
                FROM symbols
               WHERE asset_class IN ('CRYPTO', 'STOCK', 'STOCK_BIST', 'FOREX', 'COMMODITY', 'ETF')
               GROUP BY ticker
              HAVING count(DISTINCT asset_class) = 1
          ) t ON t.ticker = m.symbol
        """
    )
    return dict(rows.fetchall())
