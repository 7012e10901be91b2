"""Tickers with bars and no symbol: one probe of an index each, and the query one would write."""

from __future__ import annotations

from benchmarks.datasets import FEWER, MARKET
from benchmarks.scenario import Comparison, Contender, Scenario, ratio

DISTINCT = Contender(
    "SELECT DISTINCT .. WHERE NOT EXISTS",
    (
        "SELECT DISTINCT symbol FROM market_data m"
        " WHERE NOT EXISTS (SELECT FROM symbols s WHERE s.ticker = m.symbol)",
    ),
    MARKET,
)
OURS = Contender("orphans", ("SELECT * FROM etl.find_orphaned_symbols()",), MARKET, ours=True)
FIFTH = Contender(
    "orphans, a fifth of the bars",
    ("SELECT * FROM etl.find_orphaned_symbols()",),
    FEWER,
    ours=True,
)

ORPHANS = Scenario(
    name="orphans",
    title="Finding tickers without a symbol",
    contenders=(DISTINCT, OURS, FIFTH),
    comparisons=(
        Comparison(
            "orphans: times as fast as SELECT DISTINCT .. WHERE NOT EXISTS",
            ratio("seconds", DISTINCT, OURS),
            at_least=3.5,
        ),
        Comparison(
            "orphans: time against that with a fifth of the bars",
            ratio("seconds", OURS, FIFTH),
            at_most=1.25,
        ),
    ),
    same_rows=False,
)
