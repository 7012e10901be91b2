"""Real bars against real instruments: who is missing, and what a sync makes of it."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from sql_support import Connection, call, correct, rows, select, select_one

TABLES = """
CREATE TABLE symbols (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), ticker text NOT NULL,
    venue text, asset_class text, name text, currency text, country text, sector text,
    industry text, isin text, is_active boolean NOT NULL DEFAULT true);
CREATE TABLE market_data (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, symbol text NOT NULL,
    venue text, true_class text, timeframe text, "timestamp" timestamptz, open numeric,
    high numeric, low numeric, close numeric, volume numeric, asset_class text);
"""
BARS = 'symbol, venue, true_class, timeframe, "timestamp", open, high, low, close, volume'
INSTRUMENTS = "ticker, venue, asset_class, name, currency, country, sector, industry, isin"


@pytest.fixture
def real_bars(db: Connection, real_data: Path) -> Connection:
    """All instruments, and every daily bar."""
    db.execute(TABLES)
    with (
        gzip.open(real_data / "symbols.csv.gz", "rb") as file,
        db.cursor().copy(f"COPY symbols ({INSTRUMENTS}) FROM STDIN (FORMAT csv, HEADER)") as copy,
    ):
        copy.write(file.read())
    with (
        gzip.open(real_data / "bars.csv.gz", "rb") as file,
        db.cursor().copy(f"COPY market_data ({BARS}) FROM STDIN (FORMAT csv, HEADER)") as copy,
    ):
        for number, line in enumerate(file):
            if number == 0 or number % 50 == 0 or b",1D," in line:
                copy.write(line)
    db.execute("CREATE INDEX ON market_data (symbol); ANALYZE symbols, market_data")
    return db


def test_orphans_and_their_partners(real_bars: Connection, real_data: Path) -> None:
    with gzip.open(real_data / "symbols.csv.gz", "rt", newline="") as file:
        listed = {row["ticker"] for row in csv.DictReader(file)}
    bars = dict(rows(real_bars, "SELECT symbol, count(*) FROM market_data GROUP BY 1"))
    found = {r.ticker: r for r in select(real_bars, "find_orphaned_symbols", count_bars=True)}
    assert {ticker: row.bars for ticker, row in found.items()} == {
        ticker: count for ticker, count in bars.items() if ticker not in listed
    }
    partners = {
        ticker: (row.partner_ticker, row.partner_asset_class) for ticker, row in found.items()
    }
    assert partners["EURGBP"] == ("EURGBP=X", "FOREX")
    assert partners["SPWRA"] == (None, None)


def test_sync_then_correction(real_bars: Connection) -> None:
    """Where a class is given it is the labelled one (an ETF may pass for a stock), or none is."""
    before = select_one(real_bars, "analyze_asset_classes")
    orphans = before.orphaned_symbols
    assert orphans > 10
    done = call(real_bars, "sync_symbols")
    assert (done.result["orphans_left"], done.failed) == (0, 0)
    labels = rows(
        real_bars,
        "SELECT DISTINCT m.symbol, m.true_class, c.asset_class FROM market_data m"
        " JOIN etl.symbol_classification c ON c.ticker = m.symbol",
    )
    assert len(labels) == orphans
    for ticker, true_class, given in labels:
        assert given == true_class or (true_class, given) == ("ETF", "STOCK"), ticker

    correct(real_bars)

    after = select_one(real_bars, "analyze_asset_classes")
    assert after.orphaned_records == 0 < before.orphaned_records
    assert after.data_quality_score > before.data_quality_score
    assert after.data_quality_score >= 99
    call(real_bars, "rollback_operation", execution_id=done.sync_id)
    undone = select_one(real_bars, "analyze_asset_classes")
    assert undone.orphaned_records == before.orphaned_records


def test_clean_up_leaves_real_instruments_alone(real_bars: Connection) -> None:
    """They are right, but for one that the source has padded; nothing else is changed."""
    query = "SELECT id, ticker, venue, asset_class FROM symbols ORDER BY id"
    before = rows(real_bars, query)
    done = call(real_bars, "validate_cleanup_symbols")
    padded = [row for row in before if row[1] != row[1].strip()]
    assert [ticker.strip() for _, ticker, *_ in padded] == ["FEI"]
    assert rows(real_bars, query) == [(key, t.strip(), *rest) for key, t, *rest in before]
    assert done.result["by_issue"].keys() <= {"active_without_bars", "duplicate", "ticker_form"}
    assert done.result["by_issue"]["ticker_form"] == 1
