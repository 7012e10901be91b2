"""The scenarios, by name."""

from benchmarks.scenario import Scenario
from benchmarks.scenarios import (
    analysis,
    corrections,
    daily,
    forecast,
    monitoring,
    neighbour,
    orphans,
    partitions,
    undo,
)

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        corrections.CORRECT,
        corrections.ALTERNATIVES,
        undo.UNDO,
        analysis.ANALYSIS,
        orphans.ORPHANS,
        daily.DAILY_RUN,
        partitions.PARTITIONS,
        monitoring.MONITORING,
        neighbour.NEIGHBOUR,
        forecast.FORECAST,
    )
}
