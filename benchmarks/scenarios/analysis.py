"""Measuring the whole table: ours, and merely counting it."""

from __future__ import annotations

from benchmarks.datasets import MARKET
from benchmarks.scenario import Comparison, Contender, Scenario, ratio

COUNT = Contender("SELECT count(*)", ("SELECT count(*) FROM market_data",), MARKET)
FULL = Contender("full analysis", ("SELECT * FROM etl.analyze_asset_classes()",), MARKET, ours=True)

ANALYSIS = Scenario(
    name="analysis",
    title="Measuring the whole table",
    contenders=(COUNT, FULL),
    comparisons=(
        Comparison(
            "full analysis: time against SELECT count(*)",
            ratio("seconds", FULL, COUNT),
            at_most=2.2,
        ),
    ),
)
