"""Metrics: exact names, values as in the tables, and an answer while the database is away."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from typing import Any

import psycopg
import pytest
from driver_support import one
from prometheus_client.parser import text_string_to_metric_families

from mytrader_etl import Client
from mytrader_etl.errors import NotReversibleError
from mytrader_etl.metrics import Collector, families, render, replace_file, serve
from mytrader_etl.results import Metric

Connection = psycopg.Connection[Any]

PROMISED = {
    "assetclass_operations_started_total",
    "assetclass_operations_completed_total",
    "assetclass_operations_failed_total",
    "assetclass_operation_duration_seconds_bucket",
    "assetclass_operation_duration_seconds_sum",
    "assetclass_operation_duration_seconds_count",
    "assetclass_data_quality_score",
    "assetclass_orphaned_records",
    "assetclass_records_corrected_total",
    "assetclass_operation_in_progress",
}


def samples(text: str) -> dict[str, float]:
    """Return the sum over all labels of each sample name, buckets apart."""
    totals: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            totals[sample.name] = totals.get(sample.name, 0) + sample.value
    return totals


def test_names_and_values(market: Connection, dsn: str) -> None:
    client = Client(market)
    result = client.correct()
    client.rollback(result.execution_id)
    analysis = client.analyze()
    with pytest.raises(NotReversibleError):
        client.rollback(result.execution_id)

    text = render(Collector(dsn))
    found = samples(text)
    assert found.keys() >= PROMISED
    assert not [name for name in found if name.endswith("_created")]
    assert found["mytrader_etl_up"] == 1
    assert found["assetclass_operations_started_total"] == one(
        market, "SELECT count(*) FROM etl_execution_history"
    )
    assert found["assetclass_operations_completed_total"] == one(
        market, "SELECT count(*) FROM etl_execution_history WHERE finished_at IS NOT NULL"
    )
    assert found["assetclass_operations_failed_total"] == 0
    assert found["assetclass_records_corrected_total"] == 30
    assert found["assetclass_data_quality_score"] == float(analysis.data_quality_score)
    assert found["assetclass_orphaned_records"] == 20
    assert found["assetclass_operation_in_progress"] == 0
    assert found["assetclass_operation_duration_seconds_count"] == 2
    assert found["assetclass_operation_duration_seconds_sum"] == pytest.approx(
        float(
            one(
                market,
                "SELECT extract(epoch FROM sum(finished_at - started_at))"
                "  FROM etl_execution_history",
            )
        ),
        abs=0.01,
    )


def test_histogram_is_cumulative_and_whole(market: Connection, dsn: str) -> None:
    Client(market).correct()
    (histogram,) = [
        family
        for family in text_string_to_metric_families(render(Collector(dsn)))
        if family.name == "assetclass_operation_duration_seconds"
    ]
    assert histogram.type == "histogram"
    buckets = [
        sample
        for sample in histogram.samples
        if sample.name.endswith("_bucket") and sample.labels["operation"] == "correction"
    ]
    bounds = [float(sample.labels["le"]) for sample in buckets]
    assert bounds == sorted(bounds)
    assert bounds[-1] == float("inf")
    values = [sample.value for sample in buckets]
    assert values == sorted(values)
    assert values[-1] == 1


def test_labels_and_escapes() -> None:
    nasty = 'a "quoted"\\ name\n'
    rows = [
        Metric(metric="x_total", kind="counter", labels={"target": nasty}, value=2, help="X."),
        Metric(metric="x_total", kind="counter", labels={"operation": "y"}, value=3, help="X."),
    ]
    (family,) = families(rows)
    assert [(sample.name, sample.labels, sample.value) for sample in family.samples] == [
        ("x_total", {"operation": "", "target": nasty}, 2),
        ("x_total", {"operation": "y", "target": ""}, 3),
    ]


def test_database_that_is_away() -> None:
    collector = Collector("host=/nonexistent")
    assert samples(render(collector)) == {"mytrader_etl_up": 0}
    assert collector.error is not None


def test_server(market: Connection, dsn: str) -> None:
    Client(market).analyze()
    with serve(dsn, port=0) as address:
        assert address.endswith("/metrics")
        with urllib.request.urlopen(address) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain")
            found = samples(answer.read().decode())
    assert found["mytrader_etl_up"] == 1
    assert found["assetclass_operations_started_total"] == 0


def test_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "etl.prom"
    path.write_text("old")
    with path.open() as reader:
        replace_file(path, "new")
        assert reader.read() == "old"
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_export(market: Connection, cli: Any, tmp_path: Path) -> None:
    Client(market).analyze()
    path = tmp_path / "etl.prom"
    assert cli("metrics", "export", "--output", str(path)).exit_code == 0
    assert samples(path.read_text()).keys() >= PROMISED
    assert samples(cli("metrics", "export").stdout)["mytrader_etl_up"] == 1


def test_export_of_a_database_that_is_away(cli: Any, tmp_path: Path) -> None:
    path = tmp_path / "etl.prom"
    result = cli("--dsn=host=/nonexistent", "metrics", "export", "--output", str(path))
    assert result.exit_code == 1
    assert samples(path.read_text()) == {"mytrader_etl_up": 0}
