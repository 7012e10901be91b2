"""The sample database is what it says, and the demo tells what its database then holds."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sql_support import wait_until

from mytrader_etl import embedded
from mytrader_etl.demo.playground import DATABASE
from mytrader_etl.demo.story import SAMPLE, SYMBOL
from mytrader_etl.embedded import EmbeddedServer

Connection = psycopg.Connection[Any]

CLASSES = {"CRYPTO", "STOCK", "STOCK_BIST", "FOREX", "COMMODITY", "ETF"}
ORPHANS = {
    "FB": "STOCK",
    "TWTR": "STOCK",
    "SIVB": "STOCK",
    "LUNAUSDT": "CRYPTO",
    "FTTUSDT": "CRYPTO",
}
AMBIGUOUS = {"COMP", "LINK", "SOL"}
DEMO = [sys.executable, "-m", "mytrader_etl.demo"]


# ---------------------------------------------------------------------- the sample database


@pytest.fixture(scope="module")
def sample(pg_server: Any) -> Iterator[Connection]:
    """Generate the sample twice: here, and under other settings in the schema again."""
    with psycopg.connect(pg_server.dsn(), autocommit=True) as maintenance:
        maintenance.execute("CREATE DATABASE sample")
        with psycopg.connect(pg_server.dsn("sample"), autocommit=True) as connection:
            connection.execute("CREATE SCHEMA again")
            connection.execute(
                "SET search_path = again; SET timezone = 'America/New_York';"
                "SET datestyle = 'German, DMY'; SET max_parallel_workers_per_gather = 0"
            )
            connection.execute(SAMPLE.read_bytes())
            connection.execute("RESET ALL")
            connection.execute(SAMPLE.read_bytes())
            # What is right, for the tickers of which it can be known.
            connection.execute(
                "CREATE VIEW truth AS SELECT ticker, min(asset_class) AS asset_class FROM symbols"
                " GROUP BY ticker HAVING count(DISTINCT asset_class) = 1"
            )
            yield connection
        maintenance.execute("DROP DATABASE sample")


def column(connection: Connection, query: str) -> list[Any]:
    return [row[0] for row in connection.execute(query)]


@pytest.mark.any_server
@pytest.mark.parametrize("table", ["symbols", "market_data"])
def test_two_generations_are_the_same(sample: Connection, table: str) -> None:
    columns = column(
        sample,
        "SELECT quote_ident(attname) FROM pg_attribute"
        f" WHERE attrelid = 'public.{table}'::regclass AND attnum > 0",
    )
    rows = ", ".join(columns)
    query = f"SELECT count(*), md5(string_agg(({rows})::text, ';' ORDER BY id)) FROM "
    first = sample.execute(f"{query} public.{table}").fetchone()
    assert first is not None
    assert first[0] > 0
    assert sample.execute(f"{query} again.{table}").fetchone() == first


@pytest.mark.any_server
def test_it_is_large_and_covers_all_classes(sample: Connection) -> None:
    (bars,) = column(sample, "SELECT count(*) FROM market_data")
    assert bars >= 200_000
    per_class = dict(
        sample.execute(
            "SELECT t.asset_class, count(DISTINCT m.symbol) FROM truth t"
            " JOIN market_data m ON m.symbol = t.ticker GROUP BY t.asset_class"
        ).fetchall()
    )
    assert set(per_class) == CLASSES
    assert sum(per_class.values()) >= 60
    assert min(per_class.values()) >= 10


@pytest.mark.any_server
def test_each_kind_of_damage_has_its_share_in_every_class(sample: Connection) -> None:
    rows = sample.execute("""
        SELECT t.asset_class,
               CASE WHEN m.asset_class IS NULL THEN 'null'
                    WHEN m.asset_class = '' THEN 'empty'
                    WHEN m.asset_class = t.asset_class THEN 'right'
                    WHEN m.asset_class = lower(t.asset_class) THEN 'lower case'
                    WHEN m.asset_class = ' ' || t.asset_class || ' ' THEN 'padded'
                    WHEN m.asset_class IN ('N/A', 'EQUITY', 'UNKNOWN', 'OTHER') THEN 'unknown'
                    WHEN m.asset_class IN (SELECT asset_class FROM truth) THEN 'wrong'
                    ELSE m.asset_class END AS kind,
               100 * count(*) / sum(count(*)) OVER (PARTITION BY t.asset_class)
          FROM market_data m JOIN truth t ON t.ticker = m.symbol
         GROUP BY 1, 2
    """).fetchall()
    shares = {
        "null": 35,
        "empty": 10,
        "right": 40,
        "lower case": 3,
        "padded": 3,
        "unknown": 5,
        "wrong": 4,
    }
    expected = {(name, kind): share for name in CLASSES for kind, share in shares.items()}
    found = {(name, kind): float(share) for name, kind, share in rows}
    assert found == pytest.approx(expected, abs=0.1)


@pytest.mark.any_server
def test_every_unknown_value_occurs(sample: Connection) -> None:
    values = column(sample, "SELECT DISTINCT asset_class FROM market_data")
    assert {"N/A", "EQUITY", "UNKNOWN", "OTHER"} <= set(values)


@pytest.mark.any_server
def test_some_tickers_cannot_be_corrected(sample: Connection) -> None:
    referenced = set(column(sample, "SELECT DISTINCT symbol FROM market_data"))
    listed = set(column(sample, "SELECT ticker FROM symbols"))
    assert referenced - listed == set(ORPHANS)
    assert listed - referenced == {"PLTR", "UBER"}
    by_classes = "SELECT ticker FROM symbols GROUP BY ticker HAVING count(DISTINCT asset_class) "
    assert set(column(sample, by_classes + "> 1")) == AMBIGUOUS
    assert set(column(sample, by_classes + "= 0")) == {"RDDT"}
    twice = column(sample, by_classes + "= 1 AND count(*) > 1")
    assert set(twice) == {"BTCUSDT", "EURUSD"}


@pytest.mark.any_server
def test_bars_are_plausible(sample: Connection) -> None:
    assert column(
        sample,
        "SELECT count(*) FROM market_data WHERE NOT"
        " (0 < low AND low < least(open, close) AND greatest(open, close) < high AND volume > 0)",
    ) == [0]
    at_weekends = column(
        sample,
        "SELECT DISTINCT t.asset_class FROM market_data m JOIN truth t ON t.ticker = m.symbol"
        " WHERE extract(isodow FROM m.timestamp AT TIME ZONE 'UTC') > 5",
    )
    assert at_weekends == ["CRYPTO"]


@pytest.mark.any_server
def test_it_has_the_indexes_of_the_operations_guide(sample: Connection) -> None:
    indexes = dict(
        sample.execute(
            "SELECT indexname, substring(indexdef FROM 'USING .*') FROM pg_indexes"
            " WHERE schemaname = 'public'"
        ).fetchall()
    )
    assert indexes["idx_market_data_symbol_asset_class"] == (
        "USING btree (symbol, asset_class) WHERE (asset_class IS NULL)"
    )
    assert indexes["idx_symbols_ticker_asset_class"] == "USING btree (ticker, asset_class)"


# ---------------------------------------------------------------------- the demo


@pytest.fixture
def environment(fast_folder: Path) -> dict[str, str]:
    """Return the environment of a demo with a folder of its own for all its temporary files."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MYTRADER_")}
    return {**kept, "TMPDIR": str(fast_folder)}


def server_of(folder: Path) -> int:
    """Return the process id of the server whose data lie below a folder."""
    (file,) = folder.glob("*/data/postmaster.pid")
    return int(file.read_text().splitlines()[0])


def number(pattern: str, told: str) -> int:
    found = re.search(pattern, told)
    assert found is not None, pattern
    return int(found[1].replace(",", ""))


@pytest.mark.any_server
def test_what_the_demo_tells_is_in_the_database(
    fast_folder: Path, environment: dict[str, str]
) -> None:
    done = subprocess.run([*DEMO, "--keep"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (removal,) = re.findall(r"^ +(kill \d+)$", done.stdout, re.MULTILINE)
    server = server_of(fast_folder)
    try:
        assert done.stderr == ""
        assert "\x1b" not in done.stdout
        assert "FAILED" not in done.stdout
        (psql,) = re.findall(r"^ +(\S+/psql .*)$", done.stdout, re.MULTILINE)
        told = re.sub(r"\s+", " ", done.stdout)
        _compare_symbols(told, lambda query: _psql(psql, query))
        _compare(told, lambda query: _psql(psql, query))
        _take_sync_back(told, lambda query: _psql(psql, query))
    finally:
        subprocess.run(removal, shell=True, check=True)
        wait_until(lambda: not list(fast_folder.iterdir()))
    assert not embedded._alive(server)


def _psql(command: str, query: str) -> list[list[str]]:
    """Run a query by the shell command that the demo has printed."""
    done = subprocess.run(
        f'{command} -X -A -t -c "$QUERY"',
        shell=True,
        env={**os.environ, "QUERY": query},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split("|") for line in done.stdout.splitlines()]


def _compare_symbols(told: str, query: Callable[[str], list[list[str]]]) -> None:
    """Compare what is told of the reference data, and of the symbols that were missing."""
    ((expected,),) = query("SELECT sum(expected) FROM etl.bootstrap_status()")
    tables = "asset_classes", "markets", "trading_sessions", "data_providers"
    counts = [int(query(f"SELECT count(*) FROM {table}")[0][0]) for table in tables]
    assert number(r"ok: ([\d,]+) rows are in 4 new tables", told) == sum(counts) == int(expected)
    for table, count in zip(tables, counts, strict=True):
        assert f"{table} public.{table} {count} 0" in told

    # By rule, then by somebody's decision; the sample says what is right.
    by_rule = {name: ("UNKNOWN", "CRYPTO")[kind == "CRYPTO"] for name, kind in ORPHANS.items()}
    for name, kind in ORPHANS.items():
        assert f" {name} {by_rule[name]} {kind} yes {kind} " in told
    recorded = query("SELECT ticker, asset_class FROM etl.symbol_classification")
    assert dict(recorded) == by_rule
    listings = query(
        "SELECT ticker, asset_class, is_active FROM symbols WHERE id IN ("
        "SELECT (symbol_key ->> 'id')::uuid FROM etl.symbol_classification)"
    )
    assert sorted(listings) == sorted([name, kind, "t"] for name, kind in ORPHANS.items())

    ((bars, wrong),) = query(
        "SELECT count(*), count(*) FILTER (WHERE m.asset_class IS DISTINCT FROM s.asset_class)"
        "  FROM market_data m JOIN symbols s ON s.ticker = m.symbol"
        " WHERE s.id IN (SELECT (symbol_key ->> 'id')::uuid FROM etl.symbol_classification)"
    )
    assert number(r"ok: 5 symbols are added, 3 .* and ([\d,]+) bars more", told) == int(bars) > 0
    assert int(wrong) == 0
    assert query("SELECT * FROM etl.find_orphaned_symbols()") == []
    assert query(
        "SELECT orphaned_records, orphaned_symbols, integrity_score"
        "  FROM etl.analyze_asset_classes()"
    ) == [["0", "0", "100.00"]]

    # All bars of SYMBOL were right before they were rolled back.
    ((total, good),) = query(
        f"SELECT count(*), count(*) FILTER (WHERE symbol = '{SYMBOL}'"
        " OR (symbol, asset_class) IN (SELECT ticker, asset_class FROM symbols)) FROM market_data"
    )
    assert f" to {Decimal(good) * 100 / Decimal(total):.2f} %, without the sync" in told
    limit = Decimal(int(good) - int(bars)) * 100 / Decimal(total)
    assert f"without the sync {limit:.2f} % at most" in told


def _take_sync_back(told: str, query: Callable[[str], list[list[str]]]) -> None:
    """Run the command that is told: it removes the symbols that nobody changed."""
    undo = re.search(r"(CALL etl\.rollback_operation\( execution_id => '[^']+' \);)", told)
    assert undo is not None
    query(undo[1])
    assert query(
        "SELECT operation, status, records_changed, records_skipped FROM etl.execution_history()"
        " LIMIT 1"
    ) == [["undo", "completed_with_errors", "2", "3"]]
    added = ", ".join(f"'{name}'" for name in ORPHANS)
    left = query(f"SELECT ticker FROM symbols WHERE ticker IN ({added}) ORDER BY ticker")
    assert left == [["FB"], ["SIVB"], ["TWTR"]]


def _compare(told: str, query: Callable[[str], list[list[str]]]) -> None:
    ((bars, tickers),) = query("SELECT count(*), count(DISTINCT symbol) FROM market_data")
    assert number(r"ok: ([\d,]+) bars of \d+ tickers are loaded", told) == int(bars)
    assert number(r"bars of (\d+) tickers", told) == int(tickers)

    ((changed, before, after, backup, execution_id),) = query(
        "SELECT records_changed, quality_before, quality_after, backup_table, execution_id"
        "  FROM etl_execution_history WHERE operation = 'correction'"
    )
    assert f"the quality went from {before} % to {after} %" in told
    assert Decimal(before) < 50 < 90 < Decimal(after)
    assert number(r"ok: ([\d,]+) bars are corrected", told) == int(changed)
    assert number(r"([\d,]+) old values are in " + re.escape(backup), told) == int(changed)
    assert f"correction_id => '{UUID(execution_id)}'" in told
    ((saved, workers),) = query(
        f"SELECT (SELECT count(*) FROM {backup}), (SELECT count(DISTINCT worker_number)"
        f" FROM etl.operation_batch WHERE execution_id = '{execution_id}')"
    )
    assert (int(saved), int(workers)) == (int(changed), 2)

    # Row by row: SYMBOL is as it was, every other bar that can be is as symbols says.
    ((restored, differing),) = query(
        "SELECT count(*), count(*) FILTER (WHERE m.asset_class IS DISTINCT FROM b.asset_class)"
        f" FROM {backup} b JOIN market_data m USING (id) WHERE m.symbol = '{SYMBOL}'"
    )
    assert number(r"ok: ([\d,]+) old values are back", told) == int(restored) > 0
    assert int(differing) == 0
    ((wrong,),) = query(
        "SELECT count(*) FROM market_data m JOIN ("
        "SELECT ticker, min(asset_class) AS asset_class FROM symbols"
        " GROUP BY ticker HAVING count(DISTINCT asset_class) = 1) t ON t.ticker = m.symbol"
        f" WHERE m.symbol <> '{SYMBOL}' AND m.asset_class IS DISTINCT FROM t.asset_class"
    )
    assert int(wrong) == 0
    ((good,),) = query(
        "SELECT count(*) FROM market_data"
        " WHERE (symbol, asset_class) IN (SELECT ticker, asset_class FROM symbols)"
    )
    assert f"the quality is {Decimal(good) * 100 / Decimal(bars):.2f} % as measured anew" in told


def test_on_a_server_of_the_users_nothing_is_left(
    own_server: EmbeddedServer, environment: dict[str, str]
) -> None:
    environment["MYTRADER_ETL_DSN"] = own_server.dsn()
    with psycopg.connect(own_server.dsn(), autocommit=True) as connection:
        before = _databases_and_roles(connection)
        done = subprocess.run(DEMO, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"in the new database {DATABASE}" in re.sub(r"\s+", " ", done.stdout)
        assert _databases_and_roles(connection) == before


def _databases_and_roles(connection: Connection) -> list[Any]:
    return connection.execute(
        "SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles ORDER BY 1"
    ).fetchall()


def test_a_database_that_exists_is_not_touched(pg_server: Any, environment: dict[str, str]) -> None:
    with psycopg.connect(pg_server.dsn(), autocommit=True) as maintenance:
        maintenance.execute(f"CREATE DATABASE {DATABASE}")
        with psycopg.connect(pg_server.dsn(DATABASE), autocommit=True) as connection:
            connection.execute("CREATE TABLE market_data AS SELECT 42 AS id")
            command = [*DEMO, "--dsn", pg_server.dsn()]
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            tables = column(
                connection,
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace",
            )
            assert column(connection, "SELECT id FROM market_data") == [42]
        maintenance.execute(f"DROP DATABASE {DATABASE}")
    assert done.returncode == 1
    assert f"database {DATABASE} exists already" in done.stderr
    assert tables == ["market_data"]


@pytest.mark.any_server
@pytest.mark.parametrize("moment", ["1 of 10", "4 of 10", "7 of 10"])
def test_ctrl_c_leaves_nothing(fast_folder: Path, environment: dict[str, str], moment: str) -> None:
    with subprocess.Popen(
        DEMO, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout is not None
        assert any(line.startswith(moment) for line in demo.stdout)
        server = server_of(fast_folder)
        demo.send_signal(signal.SIGINT)
        _, errors = demo.communicate(timeout=120)
    assert demo.returncode == 130
    assert "Stopped" in errors
    assert "Traceback" not in errors
    assert not embedded._alive(server)
    assert list(fast_folder.iterdir()) == []
