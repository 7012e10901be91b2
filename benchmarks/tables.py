"""Results as rows of text, for the terminal and for docs/performance.md alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from benchmarks.results import Result

COMPARISON_HEADINGS = ("figure", "bars", "median", "spread", "to reach", "reached")
CONTENDER_HEADINGS = ("scenario", "bars", "way", "time", "spread", "CPU", "WAL", "p99 latency")


def comparison_rows(results: Iterable[Result]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each comparison: the median over the rounds, and the limit."""
    for result in results:
        for comparison in result["comparisons"]:
            unit = comparison["unit"]
            yield (
                comparison["title"],
                f"{result['rows']:,}",
                _figure(comparison["median"], unit),
                _range(comparison, unit),
                _limit(comparison),
                {True: "yes", False: "no", None: ""}[comparison["met"]],
            )


def contender_rows(results: Iterable[Result]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each contender: medians over the rounds."""
    for result in results:
        for contender in result["contenders"]:
            metrics = contender["metrics"]
            yield (
                result["scenario"],
                f"{result['rows']:,}",
                contender["name"] + (" (ours)" if contender["ours"] else ""),
                _figure(metrics["seconds"]["median"], "s"),
                _range(metrics["seconds"], "s"),
                _median(metrics, "cpu_seconds", "s"),
                _megabytes(metrics["wal_bytes"]["median"]),
                _median(metrics, "p99_ms", "ms"),
            )


def occasion(result: Result) -> str:
    """Return what was measured when, and how busy the machine was before."""
    return (
        f"{result['scenario']}, {result['rows']:,} bars: {result['measured_at'][:10]}, "
        f"load average before the run {result['machine']['load_average']}"
    )


def circumstances(result: Result) -> str:
    """Return what a result was measured on, in one paragraph."""
    machine, server = result["machine"], result["server"]
    settings = ", ".join(f"{name} = {value}" for name, value in server["settings"].items())
    return (
        f"mytrader-etl {result['library_version']}, "
        f"{machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memory_bytes'] / 2**30:.0f} GiB of memory, {machine['system']}. "
        f"PostgreSQL {server['version']}: {settings}."
    )


def _limit(comparison: Result) -> str:
    limits = [
        f"{sign} {comparison[name]:g}"
        for sign, name in (("≥", "at_least"), ("≤", "at_most"))
        if comparison[name] is not None
    ]
    return f"{', '.join(limits)} {comparison['unit']}" if limits else ""


def _median(metrics: dict[str, Any], name: str, unit: str) -> str:
    return _figure(metrics[name]["median"], unit) if name in metrics else ""


def _figure(value: float, unit: str) -> str:
    return f"{_digits(value)} {unit}"


def _range(spread: Result, unit: str) -> str:
    return f"{_digits(spread['lowest'])} to {_digits(spread['highest'])} {unit}"


def _digits(value: float) -> str:
    places = 3 if abs(value) < 1 else 2 if abs(value) < 100 else 0
    return f"{value:,.{places}f}"


def _megabytes(value: float) -> str:
    return f"{value / 1e6:,.1f} MB"
