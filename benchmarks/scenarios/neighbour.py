"""A writing application beside a correction: what its users notice.

The application is pgbench with sql/application.sql and 8 clients, once as fast as it can and once
at a rate that leaves the machine idle most of the time; the correction goes as fast as it can, or
at a duty cycle.  Only transactions that ended while the correction ran count.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from benchmarks.datasets import MARKET, SQL
from benchmarks.scenario import Comparison, Contender, Scenario, ratio
from benchmarks.server import Database, Metrics

CLIENTS = 8
RATE = 200
"""Transactions per second of the application that is not in a hurry."""

DUTY_CYCLE = 10
"""Percentage of the time in which a correction works with a limit."""

WARM_UP = 1.0
"""Seconds that do not count."""

_WINDOW = """
SELECT extract(epoch FROM started_at)::float,
       extract(epoch FROM coalesce(finished_at, heartbeat_at))::float
  FROM etl_execution_history
"""


def alone(*options: str) -> Callable[[Database], None]:
    """Run the application."""

    def run(database: Database) -> None:
        with _application(database, options):
            pass

    return run


def beside_a_correction(*options: str) -> Callable[[Database], None]:
    """Run the application, and after a moment a correction beside it."""

    def run(database: Database) -> None:
        with _application(database, options), database.connect() as session:
            time.sleep(WARM_UP)
            session.execute("CALL etl.correct_asset_classes()")

    return run


def beside_a_limited_correction(*options: str) -> Callable[[Database], None]:
    """Run the application, and beside it a correction at DUTY_CYCLE, which does not end in time."""

    def run(database: Database) -> None:
        with _application(database, options), database.connect() as session:
            time.sleep(WARM_UP)
            time_limit = max(1, _seconds(database) - 2 * WARM_UP)
            try:
                session.execute(
                    "CALL etl.correct_asset_classes(max_duty_cycle => %s, timeout => %s::interval)",
                    (DUTY_CYCLE, f"{time_limit} seconds"),
                )
            except psycopg.DatabaseError as error:
                if error.sqlstate != "ME011":  # timed out
                    raise

    return run


def latencies(database: Database) -> Metrics:
    """Return what the application saw, from pgbench's log of transactions."""
    ended = list(_transactions(database))
    window = database.query(_WINDOW) or [(min(ended)[0] + WARM_UP, max(ended)[0])]
    ((since, until),) = window
    seen = sorted(elapsed for moment, elapsed in ended if since <= moment <= until)
    return {
        "transactions": len(seen),
        "p50_ms": seen[len(seen) // 2],
        "p99_ms": seen[len(seen) * 99 // 100],
        "max_ms": seen[-1],
    }


@contextmanager
def _application(database: Database, options: tuple[str, ...]) -> Iterator[None]:
    """Run pgbench beside the block, and to its end."""
    pgbench = database.server.command("pgbench")
    if pgbench is None:
        raise FileNotFoundError("pgbench is not on the path; it belongs to PostgreSQL's server")
    command = [pgbench, "--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}", "--jobs=2"]
    command += [f"--file={SQL / 'application.sql'}", f"--time={_seconds(database)}", "--log"]
    where = conninfo_to_dict(database.dsn)
    password = where.pop("password", None)  # an argument would be seen by everybody
    command += ["--log-prefix=latency", *options, make_conninfo("", **where)]
    with subprocess.Popen(
        command,
        cwd=database.scratch,
        env=os.environ | ({"PGPASSWORD": str(password)} if password else {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as application:
        try:
            yield
        except BaseException:
            application.terminate()
            raise
        _, errors = application.communicate()
        if application.returncode != 0:
            raise RuntimeError(f"pgbench failed:\n{errors.decode(errors='replace')}")


def _seconds(database: Database) -> int:
    """Return how long the application runs: about as long as the correction beside it."""
    return max(2, min(60, database.rows // 50_000))


def _transactions(database: Database) -> Iterator[tuple[float, float]]:
    """Yield when each transaction ended, in seconds, and how long it took, in milliseconds."""
    for log in database.scratch.glob("latency.*"):
        for line in log.read_text().splitlines():
            _, _, elapsed, _, epoch, microseconds, *_ = line.split()
            yield int(epoch) + int(microseconds) / 1e6, int(elapsed) / 1000


ALONE = Contender("application alone", alone(), MARKET, observe=latencies)
BESIDE = Contender(
    "beside a correction", beside_a_correction(), MARKET, ours=True, observe=latencies
)
CALM_ALONE = Contender(
    f"{RATE} transactions/s alone", alone(f"--rate={RATE}"), MARKET, observe=latencies
)
CALM_BESIDE = Contender(
    f"{RATE} transactions/s beside a correction",
    beside_a_correction(f"--rate={RATE}"),
    MARKET,
    ours=True,
    observe=latencies,
)

LIMITED = Contender(
    f"beside a correction at a duty cycle of {DUTY_CYCLE} %",
    beside_a_limited_correction(),
    MARKET,
    ours=True,
    observe=latencies,
)
CALM_LIMITED = Contender(
    f"{RATE} transactions/s beside a correction at a duty cycle of {DUTY_CYCLE} %",
    beside_a_limited_correction(f"--rate={RATE}"),
    MARKET,
    ours=True,
    observe=latencies,
)

NEIGHBOUR = Scenario(
    name="neighbour",
    title="A writing application beside a correction, 8 clients",
    takes_long=True,
    contenders=(ALONE, BESIDE, LIMITED, CALM_ALONE, CALM_BESIDE, CALM_LIMITED),
    comparisons=(
        Comparison(
            "application at full speed: p99 latency beside a correction against alone",
            ratio("p99_ms", BESIDE, ALONE),
            at_most=1.5,
        ),
        Comparison(
            f"application at full speed: p99 latency beside one at a duty cycle of {DUTY_CYCLE} %",
            ratio("p99_ms", LIMITED, ALONE),
            at_most=1.5,
        ),
        Comparison(
            f"application at {RATE} transactions/s: p99 latency beside a correction against alone",
            ratio("p99_ms", CALM_BESIDE, CALM_ALONE),
        ),
        Comparison(
            f"application at {RATE} transactions/s: the same beside one at a duty cycle of"
            f" {DUTY_CYCLE} %",
            ratio("p99_ms", CALM_LIMITED, CALM_ALONE),
            at_most=1.5,
        ),
    ),
    metric="p99_ms",
    unit="ms",
    same_rows=False,
)
