"""A larger market, the command line in this process and in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from mytrader_etl.cli import main

Connection = psycopg.Connection[Any]
Cli = Callable[..., Result]
StartCli = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the environment of whoever runs the tests out of them."""
    for name in list(os.environ):
        if name.startswith("MYTRADER_ETL_") and not name.startswith("MYTRADER_ETL_TEST"):
            monkeypatch.delenv(name)


@pytest.fixture
def cli(dsn: str) -> Cli:
    """Run a command in this process, on the test's database."""

    def run(*arguments: str, **options: Any) -> Result:
        environment = {"MYTRADER_ETL_DSN": dsn} | options.pop("env", {})
        return CliRunner(env=environment).invoke(main, arguments, **options)

    return run


@pytest.fixture
def start_cli(dsn: str) -> Iterator[StartCli]:
    """Start a command in a process of its own, on the test's database."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", "from mytrader_etl.cli import main; main()", *arguments],
            env=os.environ | {"MYTRADER_ETL_DSN": dsn, "PYTHONWARNINGS": ""},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def large_market(market: Connection) -> Connection:
    """The market with 6,000 more bars to correct, enough to stop an operation on its way."""
    market.execute(
        """
        INSERT INTO market_data (id, symbol, timeframe, "timestamp", close)
        SELECT md5('large' || bar)::uuid, 'AAPL', '1m',
               timestamptz '2025-01-01 00:00+00' + bar * interval '1 minute', 100
          FROM generate_series(1, 6000) AS bar
        """
    )
    market.execute("ANALYZE market_data")
    return market
