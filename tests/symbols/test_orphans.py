"""Tickers with bars and no symbol: all of them, whichever way they are found, and cheaply."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sql_support import Connection, access, add_blank_bars, one, raises, rows, select, select_one
from symbol_tables import Platform

PARTNERS = {
    "EURUSD": ("EURUSD=X", "CCY", "FOREX"),
    "BTCUSD": ("BTC-USD", "CCC", "CRYPTO"),
    "btcusdt ": ("BTCUSDT", "BINANCE", "CRYPTO"),
    "THYAO": ("THYAO.IS", "BIST", "STOCK_BIST"),
    "NOBODY": (None, None, None),
}


def orphans(db: Connection, **options: Any) -> dict[str, Any]:
    return {row.ticker: row for row in select(db, "find_orphaned_symbols", **options)}


def test_partners(platform: Platform) -> None:
    for ticker, venue, value in PARTNERS.values():
        if ticker is not None:
            platform.add_symbol(ticker, venue, asset_class=value)
    platform.add_bars(*((ticker, None) for ticker in PARTNERS), ("BTCUSDT", None))
    found = orphans(platform.db)
    assert {
        t: (row.partner_ticker, row.partner_venue, row.partner_asset_class)
        for t, row in found.items()
    } == PARTNERS


def test_counts_and_first_and_last_bar(platform: Platform) -> None:
    platform.add_bars(("AAA", None), count=5)
    platform.add_bars(("BBB", None), count=2)
    found = orphans(platform.db, count_bars=True)
    assert {t: (row.bars, row.first_bar, row.last_bar) for t, row in found.items()} == {
        "AAA": (5, datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 5, tzinfo=UTC)),
        "BBB": (2, datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)),
    }
    cheap = orphans(platform.db)
    assert {row.bars for row in cheap.values()} == {None}
    has_index = platform.kind == "snake_case"  # on ticker and time; the others have none
    assert cheap["AAA"].last_bar == (datetime(2024, 1, 5, tzinfo=UTC) if has_index else None)


def test_index_with_a_column_between(market: Connection) -> None:
    found = orphans(market)
    assert {t: (row.first_bar.date(), row.last_bar.date()) for t, row in found.items()} == {
        ticker: (datetime(2024, 1, 2).date(), datetime(2024, 1, 11).date())
        for ticker in ("ORPHAN1", "ORPHAN2")
    }


@pytest.mark.parametrize(
    "index",
    [
        "CREATE INDEX ON market_data (symbol)",
        "CREATE INDEX ON market_data (symbol DESC, id)",
        'CREATE INDEX ON market_data (symbol COLLATE "C")',
        'CREATE INDEX ON market_data (symbol COLLATE "POSIX")',
        "CREATE INDEX ON market_data (symbol NULLS FIRST)",
        "CREATE INDEX ON market_data (symbol text_pattern_ops)",
        "CREATE INDEX ON market_data USING hash (symbol)",
        "CREATE INDEX ON market_data (lower(symbol))",
        "CREATE INDEX ON market_data (symbol) WHERE asset_class IS NULL",
        "SELECT 1",
    ],
)
@pytest.mark.parametrize("is_partitioned", [False, True])
def test_same_answer_whatever_the_index(db: Connection, index: str, is_partitioned: bool) -> None:
    db.execute(
        "CREATE TABLE symbols (id serial PRIMARY KEY, ticker text, asset_class text);"
        "CREATE TABLE market_data (id int NOT NULL, symbol text, asset_class text)"
        + (
            " PARTITION BY RANGE (id); CREATE TABLE part1 PARTITION OF market_data"
            " FOR VALUES FROM (0) TO (500); CREATE TABLE part2 PARTITION OF market_data"
            " FOR VALUES FROM (500) TO (5000)"
            if is_partitioned
            else ""
        )
    )
    db.execute("ALTER TABLE market_data ADD PRIMARY KEY (id)")
    tickers = ["AAA", "aaa", "Aaa", "AAA ", "B-B", "BB", "B.B", "b b", "ÇAĞ", "cag", "", "Z", "z"]
    db.execute(
        "INSERT INTO market_data SELECT n, (%s::text[])[1 + mod(n, %s)]"
        " FROM generate_series(0, 999) n",
        (tickers, len(tickers)),
    )
    db.execute("INSERT INTO market_data SELECT n, NULL FROM generate_series(1000, 1009) n")
    db.execute("INSERT INTO symbols (ticker) VALUES ('BB'), ('UNUSED'), (NULL), ('Z')")
    db.execute(index)
    db.execute("ANALYZE market_data, symbols")
    expected = sorted(set(tickers) - {"BB", "Z"}, key=lambda ticker: ticker.encode())
    assert [row.ticker for row in select(db, "find_orphaned_symbols")] == expected


def test_one_probe_per_ticker(market: Connection) -> None:
    """Not one visit per bar: the table is not read, its index once for each ticker."""
    add_blank_bars(market, 20_000)
    market.execute("VACUUM ANALYZE market_data")
    tickers = one(market, "SELECT count(DISTINCT symbol) FROM market_data")
    before = access(market, "market_data")
    (found,) = rows(market, "SELECT etl._orphaned_tickers(etl._require_target('market_data'))")
    after = access(market, "market_data")
    assert found == (["ORPHAN1", "ORPHAN2"],)
    assert after[0] == before[0]
    assert after[1] - before[1] == tickers + 1


def test_tickers_that_hardly_repeat_are_read_once(db: Connection) -> None:
    """More than one ticker in twenty bars: reading the table is cheaper than that many probes."""
    db.execute(
        "CREATE TABLE symbols (id serial PRIMARY KEY, ticker text, asset_class text);"
        "CREATE TABLE market_data (id int PRIMARY KEY, symbol text, asset_class text);"
        "INSERT INTO market_data SELECT n, 'T' || n % 1000 FROM generate_series(1, 5000) n;"
        "CREATE INDEX by_symbol ON market_data (symbol);"
        "ANALYZE market_data"
    )
    query = "SELECT etl._tickers_query(etl._require_target('market_data'))"
    assert "RECURSIVE" not in one(db, query)
    db.execute("INSERT INTO market_data SELECT n, 'T1' FROM generate_series(5001, 50000) n")
    db.execute("ANALYZE market_data")
    assert "RECURSIVE" in one(db, query)


def test_no_orphans_and_no_bars(created: Platform) -> None:
    assert orphans(created.db) == {}
    created.add_symbol("AAPL", "NASDAQ", asset_class="STOCK")
    created.add_bars(("AAPL", None))
    assert orphans(created.db, count_bars=True) == {}


def test_unknown_target(created: Platform) -> None:
    with raises("ME004"):
        select_one(created.db, "find_orphaned_symbols", target="nowhere")
