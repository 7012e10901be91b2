"""The numbers of ``etl.correction_metrics()`` for Prometheus.

All of them live in the database, so that they survive restarts.  Whoever scrapes while the
database is away gets ``mytrader_etl_up 0``, and nothing else.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.core import (
    Metric as Family,
)
from prometheus_client.registry import Collector as BaseCollector

from mytrader_etl.client import Client
from mytrader_etl.errors import MyTraderEtlError
from mytrader_etl.results import Metric

logger = logging.getLogger("mytrader_etl")

_CONNECT_TIMEOUT_SECONDS = 5


class Collector(BaseCollector):
    """Asks the database anew at each scrape, over a connection of its own.

    ``error`` is what went wrong at the last scrape, ``None`` where nothing did.
    """

    def __init__(self, dsn: str = "") -> None:
        self._dsn = dsn
        self.error: MyTraderEtlError | None = None

    def collect(self) -> Iterator[Family]:
        """Yield the metric families, ``mytrader_etl_up`` first."""
        samples: list[Metric] = []
        try:
            with Client.connect(self._dsn, connect_timeout=_CONNECT_TIMEOUT_SECONDS) as client:
                samples = client.metrics()
            self.error = None
        except MyTraderEtlError as error:
            logger.warning("cannot read the metrics: %s", error)
            self.error = error
        yield GaugeMetricFamily(
            "mytrader_etl_up",
            "Whether the metrics could be read from the database (1) or not (0).",
            value=float(self.error is None),
        )
        yield from families(samples)


def families(samples: Iterable[Metric]) -> Iterator[Family]:
    """Yield one metric family for each name, from the rows of the database."""
    for name, group in groupby(sorted(samples, key=lambda sample: sample.metric), _name):
        rows = list(group)
        if rows[0].kind == "histogram":
            yield _histogram(name, rows)
        else:
            yield _plain(name, rows)


def render(collector: Collector) -> str:
    """Return the metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(collector)
    return generate_latest(registry).decode()


def replace_file(path: Path, text: str) -> None:
    """Replace a file in one step, readable by others: a reader sees the old or the new text."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            os.fchmod(file.fileno(), 0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def serve(dsn: str = "", *, host: str = "127.0.0.1", port: int = 9187) -> Iterator[str]:
    """Serve ``/metrics`` from a thread meanwhile; yields the address.  Port 0 is any free one."""
    registry = CollectorRegistry()
    registry.register(Collector(dsn))
    server, thread = start_http_server(port, host, registry)
    try:
        yield f"http://{host}:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def wait_for_interrupt() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return


def _name(sample: Metric) -> str:
    return sample.metric


def _label_names(rows: list[Metric]) -> list[str]:
    return sorted({name for row in rows for name in row.labels} - {"le", "part"})


def _plain(name: str, rows: list[Metric]) -> Family:
    kind = CounterMetricFamily if rows[0].kind == "counter" else GaugeMetricFamily
    labels = _label_names(rows)
    family = kind(name, rows[0].help, labels=labels)
    for row in rows:
        family.add_metric([row.labels.get(label, "") for label in labels], row.value)
    return family


def _histogram(name: str, rows: list[Metric]) -> Family:
    labels = _label_names(rows)
    family = HistogramMetricFamily(name, rows[0].help, labels=labels)
    by_labels: dict[tuple[str, ...], list[Metric]] = {}
    for row in rows:
        by_labels.setdefault(tuple(row.labels.get(label, "") for label in labels), []).append(row)
    for values, parts in by_labels.items():
        buckets = [row for row in parts if row.labels["part"] == "bucket"]
        buckets.sort(key=lambda row: float(row.labels["le"]))
        total = next(row.value for row in parts if row.labels["part"] == "sum")
        family.add_metric(list(values), [(row.labels["le"], row.value) for row in buckets], total)
    return family
