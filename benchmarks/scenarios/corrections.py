"""A table whose classes are mostly missing: ours, the bare UPDATE, and the usual loops."""

from __future__ import annotations

from benchmarks import peers
from benchmarks.datasets import MARKET
from benchmarks.scenario import Comparison, Contender, Scenario, ratio
from benchmarks.server import Database, Metrics
from mytrader_etl import Client

# Duration per row of the last tenth of the batches, divided by that of the first.
_EVENNESS = """
WITH batch AS (
    SELECT changed, extract(epoch FROM duration) AS seconds,
           ntile(10) OVER (ORDER BY started_at) AS tenth
      FROM etl.operation_batch
     WHERE changed > 0
), tenth AS (
    SELECT tenth, sum(seconds) / sum(changed) AS seconds_per_row FROM batch GROUP BY tenth
)
SELECT ((SELECT seconds_per_row FROM tenth ORDER BY tenth DESC LIMIT 1)
      / (SELECT seconds_per_row FROM tenth ORDER BY tenth LIMIT 1))::float
"""


def two_sessions(database: Database) -> None:
    """Correct with two sessions of the Python client."""
    with Client.connect(database.dsn) as client:
        client.correct(max_concurrency=2)


def evenness(database: Database) -> Metrics:
    """Return how much slower the correction was at its end than at its beginning."""
    ((value,),) = database.query(_EVENNESS)
    return {"last_to_first_tenth": value}


BARE = Contender("bare UPDATE", (peers.UPDATE,), MARKET)
ONE = Contender(
    "one session",
    ("CALL etl.correct_asset_classes()",),
    MARKET,
    ours=True,
    observe=evenness,
)
TWO = Contender("two sessions", two_sessions, MARKET, ours=True, observe=evenness)
COPY = Contender("copy of the table + UPDATE", (peers.COPY_OF_TABLE, peers.UPDATE), MARKET)
LIMIT = Contender("LIMIT 1000 SKIP LOCKED loop", (peers.LIMIT_LOOP,), MARKET)
KEYSET = Contender("keyset loop over the primary key", (peers.KEYSET_LOOP,), MARKET)
EXECUTEMANY = Contender("Python loop with executemany", peers.executemany, MARKET)

CORRECT = Scenario(
    name="correct",
    title="Correcting 86 % of the bars",
    contenders=(BARE, ONE, TWO),
    comparisons=(
        Comparison(
            "correct, one session: time against the bare UPDATE",
            ratio("seconds", ONE, BARE),
            at_most=1.15,
        ),
        Comparison(
            "correct, two sessions: time against the bare UPDATE",
            ratio("seconds", TWO, BARE),
            at_most=0.65,
        ),
        Comparison(
            "correct, one session: CPU time against the bare UPDATE",
            ratio("cpu_seconds", ONE, BARE),
        ),
        Comparison(
            "correct, two sessions: CPU time against the bare UPDATE",
            ratio("cpu_seconds", TWO, BARE),
        ),
        Comparison(
            "correct, one session: last tenth of the batches against the first, per row",
            lambda measured: measured[ONE.name]["last_to_first_tenth"],
            at_most=1.1,
        ),
        Comparison(
            "correct, one session: WAL against the bare UPDATE",
            ratio("wal_bytes", ONE, BARE),
            at_most=1.25,
        ),
        Comparison(
            "correct, two sessions: WAL against the bare UPDATE",
            ratio("wal_bytes", TWO, BARE),
            at_most=1.25,
        ),
    ),
)

ALTERNATIVES = Scenario(
    name="alternatives",
    title="Correcting 86 % of the bars, against the usual ways",
    takes_long=True,
    contenders=(TWO, COPY, LIMIT, KEYSET, EXECUTEMANY),
    comparisons=(
        Comparison(
            "correct, two sessions: times as fast as the LIMIT 1000 loop",
            ratio("seconds", LIMIT, TWO),
            at_least=3.5,
        ),
        *(
            Comparison(
                f"correct, two sessions: times as fast as the {peer.name}",
                ratio("seconds", peer, TWO),
            )
            for peer in (KEYSET, EXECUTEMANY, COPY)
        ),
    ),
)
