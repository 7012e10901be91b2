"""What one does without this library, each as its users write it."""

from __future__ import annotations

import psycopg

from benchmarks.datasets import SQL
from benchmarks.server import Database

UPDATE = """
UPDATE market_data m
   SET asset_class = s.asset_class, updated_at = now()
  FROM symbols s
 WHERE s.ticker = m.symbol AND m.asset_class IS NULL AND s.asset_class IS NOT NULL
"""
"""One transaction, no way back."""

UPDATE_BLANK = UPDATE.replace(
    "m.asset_class IS NULL", "(m.asset_class IS NULL OR m.asset_class = '')"
)
"""The same rows that a correction is about: it has to look for empty values too."""

COPY_OF_TABLE = "CREATE TABLE market_data_backup AS SELECT * FROM market_data"
"""The backup that operations guides document."""

LIMIT_LOOP = (SQL / "limit_loop.sql").read_text()

KEYSET_LOOP = (SQL / "keyset_loop.sql").read_text()


def executemany(database: Database) -> None:
    """Read keys and tickers, look classes up in a dict, write back a thousand at a time."""
    with database.connect() as writer, psycopg.connect(database.dsn) as reader:
        writer.autocommit = False
        classes: dict[str, str | None] = dict(
            reader.execute("SELECT ticker, asset_class FROM symbols").fetchall()
        )
        with reader.cursor("bars") as bars:
            bars.execute("SELECT id, symbol FROM market_data WHERE asset_class IS NULL")
            while batch := bars.fetchmany(1000):
                writer.cursor().executemany(
                    "UPDATE market_data SET asset_class = %s, updated_at = now() WHERE id = %s",
                    [(classes[ticker], key) for key, ticker in batch if classes.get(ticker)],
                )
                writer.commit()


def restore(database: Database) -> None:
    """Undo a correction with the one statement of the operations guide."""
    ((backup,),) = database.query("SELECT backup_table FROM etl.correction_backup")
    with database.connect() as session:
        session.execute(
            f"UPDATE market_data SET asset_class = backup.asset_class,"
            f" updated_at = CURRENT_TIMESTAMP FROM {backup} backup"
            f" WHERE market_data.id = backup.id"
        )
