"""Results as they are kept: one JSON file for each scenario and number of bars."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.scenario import Contender, Round, Scenario
from mytrader_etl import __version__

FOLDER = Path(__file__).parent / "results"

Result = dict[str, Any]


def summarize(
    scenario: Scenario,
    measured: Sequence[Round],
    *,
    rows: int,
    machine: dict[str, Any],
    server: dict[str, Any],
) -> Result:
    """Return a scenario's result: medians and spreads of every metric and comparison."""
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "metric": scenario.metric,
        "unit": scenario.unit,
        "rows": rows,
        "rounds": len(measured),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "library_version": __version__,
        "machine": machine,
        "server": server,
        "contenders": [_contender(contender, measured) for contender in scenario.contenders],
        "comparisons": list(_comparisons(scenario, measured)),
    }


def write(result: Result, folder: Path) -> None:
    """Write a result to <folder>/<scenario>-<rows>.json."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=2, ensure_ascii=False)
    (folder / f"{result['scenario']}-{result['rows']}.json").write_text(text + "\n")


def read(folder: Path, names: Iterable[str]) -> list[Result]:
    """Return the results that are there, in the order of the names and of the bars."""
    found: list[Result] = []
    for name in names:
        sizes = (json.loads(file.read_text()) for file in folder.glob(f"{name}-*.json"))
        found += sorted(sizes, key=itemgetter("rows"))
    return found


def _contender(contender: Contender, measured: Sequence[Round]) -> Result:
    rounds = [results[contender.name] for results in measured]
    return {
        "name": contender.name,
        "ours": contender.ours,
        "dataset": contender.dataset.name,
        "metrics": {name: _spread([metrics[name] for metrics in rounds]) for name in rounds[0]},
    }


def _comparisons(scenario: Scenario, measured: Sequence[Round]) -> Iterator[Result]:
    for comparison in scenario.comparisons:
        values = [comparison.value(results) for results in measured]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            continue
        spread = _spread(known)
        yield {
            "title": comparison.title,
            "unit": comparison.unit,
            "at_most": comparison.at_most,
            "at_least": comparison.at_least,
            **spread,
            "met": comparison.met(spread["median"]),
        }


def _spread(values: Sequence[float]) -> Result:
    rounded = [_significant(value) for value in values]
    return {
        "median": _significant(median(values)),
        "lowest": min(rounded),
        "highest": max(rounded),
        "rounds": rounded,
    }


def _significant(value: float) -> float:
    """Round to what can be told apart: four digits, whole numbers as they are."""
    return value if isinstance(value, int) else float(f"{value:.4g}")
