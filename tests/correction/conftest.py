"""Markets of other sizes and kinds."""

from __future__ import annotations

import random

import pytest
from sql_support import CLASSES, Connection, add_blank_bars


@pytest.fixture
def mixed_market(market: Connection) -> Connection:
    """The market with 3,000 more bars: every kind of symbol with every kind of class."""
    dice = random.Random(20240101)
    tickers = [ticker for (ticker,) in market.execute("SELECT DISTINCT ticker FROM symbols")]
    values = [None, None, "", "UNKNOWN", "stock", " ETF ", "  ", *CLASSES]
    with market.cursor().copy(
        "COPY market_data (symbol, timeframe, timestamp, asset_class, updated_at) FROM STDIN"
    ) as copy:
        for minute in range(3000):
            symbol = dice.choice([*tickers, "ORPHAN1", "ORPHAN3", "aapl"])
            stamp = f"2025-01-{1 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}Z"
            copy.write_row((symbol, "1m", stamp, dice.choice(values), "2024-02-01T00:00Z"))
    market.execute("ANALYZE market_data")
    return market


@pytest.fixture
def large_market(market: Connection) -> Connection:
    """The market with 6,000 more bars to correct."""
    add_blank_bars(market, 6000)
    return market
