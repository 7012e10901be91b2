"""Symbols and bars in three kinds of tables: as we create them, made by hand, made by an ORM."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sql_support import Connection, call, one, rows

HERE = Path(__file__).resolve().parent / "symbols"

NAMES = {
    "created": {},
    "snake_case": {"id": "symbol_id", "venue": "exchange"},
    "mixed_case": {
        "symbols": '"Symbols"',
        "market_data": '"MarketData"',
        "symbol": '"Symbol"',
        "timestamp": '"Timestamp"',
        "bar_venue": '"Venue"',
        "bar_class": '"AssetClass"',
        "id": '"Id"',
        "ticker": '"Ticker"',
        "venue": '"Exchange"',
        "asset_class": '"AssetClass"',
        "asset_class_id": '"AssetClassId"',
        "market_id": '"MarketId"',
        "is_active": '"IsActive"',
        "base_currency": '"BaseCurrency"',
    },
}


@dataclass(frozen=True)
class Platform:
    """A database with symbols and bars, and how their tables are written."""

    kind: str
    db: Connection

    @property
    def bars_have_venues(self) -> bool:
        return self.kind != "snake_case"

    @property
    def is_linked(self) -> bool:
        """Whether symbols refer to asset classes and markets."""
        return self.kind != "snake_case"

    @property
    def no_class(self) -> str | None:
        """What stands in a symbol without a class."""
        return "UNKNOWN" if self.kind == "mixed_case" else None

    def name(self, usual: str) -> str:
        """Return a table or column as one writes it in SQL."""
        usual_here = {"bar_venue": "venue", "bar_class": "asset_class"}.get(usual, usual)
        return NAMES[self.kind].get(usual, usual_here)

    def _names(self, *usual: str) -> str:
        return ", ".join(self.name(column) for column in usual)

    def add_bars(self, *listings: tuple[str, str | None], count: int = 3) -> None:
        """Add bars, one a day from 2024-01-01 on; a venue only where bars have one."""
        columns = ["symbol", "timestamp"] + (["bar_venue"] if self.bars_have_venues else [])
        timeframe = (", timeframe", ", '1D'") if self.kind == "created" else ("", "")
        with self.db.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {self.name('market_data')} ({self._names(*columns)}{timeframe[0]})"
                f" SELECT %s, timestamptz '2024-01-01Z' + g * interval '1 day'"
                f"{', %s' if self.bars_have_venues else ''}{timeframe[1]}"
                f" FROM generate_series(0, {count - 1}) g",
                [x if self.bars_have_venues else x[:1] for x in listings],
            )

    def add_symbol(self, ticker: str, venue: str, **values: Any) -> Any:
        """Add a symbol as the application would; return its key."""
        given = {"ticker": ticker, "venue": venue, "is_active": True, **values}
        extra: dict[str, str] = {}
        if self.kind == "snake_case":
            extra = {
                "symbol_id": "gen_random_uuid()",
                "full_name": "'a name'",
                "tick_size": "0.01",
            }
        elif self.kind == "mixed_case":
            extra = {
                '"Id"': 'coalesce((SELECT max("Id") FROM "Symbols"), 0) + 1',
                '"CreatedAt"': "now()",
            }
            given.setdefault("asset_class", "")
        return one(
            self.db,
            f"INSERT INTO {self.name('symbols')} ({', '.join([*map(self.name, given), *extra])})"
            f" VALUES ({', '.join(['%s'] * len(given) + list(extra.values()))})"
            f" RETURNING {self.name('id')}",
            *given.values(),
        )

    def symbols(self) -> dict[tuple[str, str | None], tuple[str | None, bool]]:
        """Return class and activity of every symbol, by ticker and venue."""
        columns = self._names("ticker", "venue", "asset_class", "is_active")
        found = rows(self.db, f"SELECT {columns} FROM {self.name('symbols')}")
        assert len({row[:2] for row in found}) == len(found), "a symbol is there twice"
        return {(ticker, venue or None): (value, active) for ticker, venue, value, active in found}

    def contents(self) -> list[Any]:
        """Return every symbol, with all its columns."""
        return [
            row
            for (row,) in rows(
                self.db,
                f"SELECT to_jsonb(t) FROM {self.name('symbols')} t ORDER BY to_jsonb(t)::text",
            )
        ]


def make_platform(kind: str, db: Connection) -> Platform:
    """Create the tables of one kind, empty but for the reference data."""
    if kind == "created":
        call(db, "create_platform_tables")
        call(db, "bootstrap_reference_data")
    else:
        db.execute((HERE / f"{kind}.sql").read_text())
    return Platform(kind, db)
