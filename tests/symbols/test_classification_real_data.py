"""Real instruments: how many are classified, and how many of these right."""

from __future__ import annotations

import csv
import gzip
from collections import Counter

import pytest
from sql_support import rows


def instruments(real_data):
    with gzip.open(real_data / "symbols.csv.gz", "rt", newline="") as file:
        return {(row["ticker"], row["venue"], row["asset_class"]) for row in csv.DictReader(file)}


def bars(real_data):
    with gzip.open(real_data / "bars.csv.gz", "rt", newline="") as file:
        return {
            (row["symbol"], row["venue"], row["true_asset_class"]) for row in csv.DictReader(file)
        }


def is_right(wanted, found, needs_enrichment):
    """An ETF that its venue alone makes a share is right, if a source is to be asked."""
    return wanted == found or (wanted == "ETF" and found == "STOCK" and needs_enrichment)


@pytest.mark.parametrize(("source", "at_least"), [(instruments, 4900), (bars, 29)])
def test_real_instruments_get_their_class(db, real_data, source, at_least):
    labelled = sorted(source(real_data))
    assert len(labelled) >= at_least
    found = rows(
        db,
        "SELECT item, asset_class, needs_enrichment FROM etl._classify(%s::text[], %s::text[])",
        [ticker for ticker, *_ in labelled],
        [venue for _, venue, _ in labelled],
    )

    confusion = Counter()
    examples = {}
    classified = right = 0
    for item, value, needs_enrichment in found:
        ticker, venue, wanted = labelled[item - 1]
        confusion[wanted, value] += 1
        examples.setdefault((wanted, value), []).append(f"{ticker} ({venue})")
        if value != "UNKNOWN":
            classified += 1
            right += is_right(wanted, value, needs_enrichment)
    report = "\n".join(
        f"{wanted} -> {value}: {count}, such as {', '.join(examples[wanted, value][:8])}"
        for (wanted, value), count in sorted(confusion.items())
    )
    assert len(found) == len(labelled)
    assert classified >= 0.95 * len(labelled), report
    assert right >= 0.99 * classified, report
