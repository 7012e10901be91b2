"""Several sessions; sessions that are lost; Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from driver_support import SLOW, WORKER, classes, expected_classes, hurry, one
from sql_support import wait_until

from mytrader_etl import Client, deployment
from mytrader_etl.embedded import EmbeddedServer
from mytrader_etl.errors import (
    ErrorRateError,
    OperationCancelledError,
    OperationInterruptedError,
    OperationTimedOutError,
)
from mytrader_etl.results import OperationResult, OperationStatus
from mytrader_etl.run import _Monitor

Connection = psycopg.Connection[Any]

SLOW_OPTIONS: dict[str, Any] = {
    "batch_size": 200,
    "adaptive": False,
    "pause_between_batches": "500 ms",
}
"""So long it takes that it can be met on its way; then hurry() ends it."""


def workers(connection: Connection) -> list[int]:
    """Return the process ids of the sessions that work."""
    rows = connection.execute(
        "SELECT pid FROM pg_stat_activity"
        " WHERE application_name = %s AND datname = current_database() ORDER BY backend_start",
        [WORKER],
    )
    return [row[0] for row in rows]


def changed(connection: Connection, execution_id: UUID) -> int:
    rows = connection.execute(
        "SELECT records_changed FROM etl_execution_history WHERE execution_id = %s", [execution_id]
    ).fetchall()
    return rows[0][0] if rows else 0


@pytest.fixture
def correct(dsn: str) -> Callable[..., Future[OperationResult]]:
    """Start a correction in the background."""

    def start(**options: Any) -> Future[OperationResult]:
        def run() -> OperationResult:
            with Client.connect(dsn) as client:
                return client.correct(**options)

        return ThreadPoolExecutor(1).submit(run)

    return start


def test_two_sessions(large_market: Connection, dsn: str) -> None:
    expected = expected_classes(large_market)
    seen: list[OperationStatus] = []
    number = "SELECT count(DISTINCT worker_number) FROM etl.operation_batch"

    def see(status: OperationStatus) -> None:
        seen.append(status)
        if status.live_workers == 2 and one(large_market, number) == 2:
            hurry(large_market, status.execution_id)

    with Client.connect(dsn) as client:
        result = client.correct(max_concurrency=2, on_progress=see, **SLOW_OPTIONS)
    assert (result.status, result.changed) == ("completed", 6030)
    assert classes(large_market) == expected
    assert max(status.live_workers for status in seen) == 2
    assert one(large_market, number) == 2
    wait_until(lambda: workers(large_market) == [])  # a server process ends after its client


def test_killed_session_is_opened_again(large_market: Connection, correct: Any) -> None:
    expected, correction_id = expected_classes(large_market), uuid4()
    running = correct(correction_id=correction_id, max_concurrency=2, **SLOW_OPTIONS)
    wait_until(lambda: len(workers(large_market)) == 2 and changed(large_market, correction_id) > 0)
    (first, second) = workers(large_market)
    large_market.execute("SELECT pg_terminate_backend(%s)", [first])
    wait_until(lambda: len(set(workers(large_market)) - {first, second}) == 1)
    hurry(large_market, correction_id)
    result = running.result(120)
    assert (result.status, result.changed) == ("completed", 6030)
    assert classes(large_market) == expected


def test_all_sessions_killed(large_market: Connection, correct: Any) -> None:
    """The only session is lost, the monitor as well: opened again, and resumed."""
    correction_id = uuid4()
    running = correct(correction_id=correction_id, **SLOW_OPTIONS)
    wait_until(lambda: changed(large_market, correction_id) > 0)
    large_market.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name LIKE 'mytrader-etl %' AND datname = current_database()"
    )
    hurry(large_market, correction_id)
    result = running.result(120)
    assert (result.status, result.changed) == ("completed", 6030)
    assert classes(large_market) == expected_classes(large_market)
    assert one(large_market, "SELECT count(*) FROM etl_execution_history") == 1


def test_no_retries_left(large_market: Connection, dsn: str, correct: Any) -> None:
    correction_id = uuid4()
    running = correct(correction_id=correction_id, max_retries=0, **SLOW_OPTIONS)
    wait_until(lambda: changed(large_market, correction_id) > 0)
    for pid in workers(large_market):
        large_market.execute("SELECT pg_terminate_backend(%s)", [pid])
    with pytest.raises(OperationInterruptedError) as caught:
        running.result(120)
    assert f"mytrader-etl resume {correction_id}" in (caught.value.hint or "")
    with Client.connect(dsn) as client:
        assert client.status(correction_id)[0].status == "interrupted"
        hurry(large_market, correction_id)
        assert client.resume(correction_id, max_concurrency=2).changed == 6030
    assert classes(large_market) == expected_classes(large_market)


def test_session_lost_after_a_cancel_does_not_resume(
    large_market: Connection, dsn: str, correct: Any
) -> None:
    correction_id = uuid4()
    running = correct(correction_id=correction_id, **SLOW_OPTIONS)
    wait_until(lambda: changed(large_market, correction_id) > 0)
    with Client.connect(dsn) as client:
        client.cancel(correction_id, "enough")
    with pytest.raises(OperationCancelledError) as caught:
        running.result(120)
    assert str(correction_id) in (caught.value.hint or "")
    assert one(large_market, "SELECT status FROM etl_execution_history") == "cancelled"


def test_join_from_elsewhere(large_market: Connection, dsn: str, correct: Any) -> None:
    correction_id = uuid4()
    running = correct(correction_id=correction_id, **SLOW_OPTIONS)
    wait_until(lambda: changed(large_market, correction_id) > 0)
    with Client.connect(dsn) as client, ThreadPoolExecutor(1) as pool:
        joining = pool.submit(client.join, correction_id)
        number = "SELECT count(DISTINCT worker_number) FROM etl.operation_batch"
        wait_until(lambda: one(large_market, number) == 2)
        hurry(large_market, correction_id)
        joined = joining.result(120)
    assert joined.status == "completed"
    assert running.result(120).changed == 6030
    assert classes(large_market) == expected_classes(large_market)


def test_tune_while_it_runs(large_market: Connection, dsn: str, correct: Any) -> None:
    correction_id = uuid4()
    running = correct(correction_id=correction_id, **SLOW_OPTIONS)
    wait_until(lambda: changed(large_market, correction_id) > 0)
    with Client.connect(dsn) as client:
        tuned = client.tune(correction_id, batch_size=2000, pause_between_batches="0")
    assert {item.setting for item in tuned} == {"batch_size", "pause_between_batches"}
    assert running.result(120).changed == 6030


def test_time_limit(large_market: Connection, dsn: str) -> None:
    with Client.connect(dsn) as client:
        with pytest.raises(OperationTimedOutError):
            client.correct(timeout="1 s", max_concurrency=2, **SLOW_OPTIONS)
        (status,) = client.status()
        assert status.status == "timed_out"
        hurry(large_market, status.execution_id)
        assert client.resume(status.execution_id, timeout="1 hour").changed == 6030


def test_error_rate(large_market: Connection, dsn: str) -> None:
    large_market.execute(
        "ALTER TABLE market_data ADD CONSTRAINT none CHECK (asset_class <> 'STOCK') NOT VALID"
    )
    with Client.connect(dsn) as client, pytest.raises(ErrorRateError) as caught:
        client.correct(max_concurrency=2)
    assert "resume" in (caught.value.hint or "")


def test_server_restart(tmp_path: Any, own_server: EmbeddedServer) -> None:
    """The server is stopped at once and started again in the middle; nothing is lost."""
    dsn = own_server.dsn()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE symbols (ticker text, asset_class text)")
        connection.execute("INSERT INTO symbols VALUES ('AAPL', 'STOCK')")
        connection.execute(
            "CREATE TABLE market_data (id int PRIMARY KEY, symbol text, asset_class text)"
        )
        connection.execute(
            "INSERT INTO market_data SELECT i, 'AAPL' FROM generate_series(1, 6000) i"
        )
    deployment.up(dsn)
    restarted = threading.Event()

    def restart(status: OperationStatus) -> None:
        if status.records_changed and not restarted.is_set():
            restarted.set()
            own_server.stop("immediate")
            own_server.start()
            with psycopg.connect(dsn, autocommit=True) as connection:
                hurry(connection, status.execution_id)

    with Client.connect(dsn) as client:
        result = client.correct(max_concurrency=2, on_progress=restart, **SLOW_OPTIONS)
    assert restarted.is_set()
    assert (result.status, result.changed) == ("completed", 6000)
    with psycopg.connect(dsn) as connection:
        assert one(connection, "SELECT count(asset_class) FROM market_data") == 6000
        assert one(connection, f"SELECT count(DISTINCT id) FROM {result.backup_table}") == 6000


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_resume(
    large_market: Connection, start_cli: Any, cli: Any, stop: signal.Signals
) -> None:
    correction_id = str(uuid4())
    running = start_cli(
        "correct", "--yes", f"--correction-id={correction_id}", "--max-concurrency=2", *SLOW
    )
    wait_until(lambda: changed(large_market, UUID(correction_id)) > 0)
    running.send_signal(stop)
    out, err = running.communicate(timeout=120)
    assert running.returncode == 4, err
    assert out == ""
    assert f"mytrader-etl resume {correction_id}" in err
    assert "Traceback" not in err
    assert one(large_market, "SELECT status FROM etl_execution_history") == "paused"
    assert workers(large_market) == []
    assert 0 < changed(large_market, UUID(correction_id)) < 6030

    hurry(large_market, correction_id)
    resumed = cli("--format=json", "resume", correction_id, "--max-concurrency=2")
    assert resumed.exit_code == 0, resumed.stderr
    assert classes(large_market) == expected_classes(large_market)


def test_second_ctrl_c_stops_at_once(
    large_market: Connection, session: Any, start_cli: Any, cli: Any
) -> None:
    """A worker that waits for a lock does not come to the end of its batch by itself."""
    correction_id = uuid4()
    other = session()
    with other.transaction():
        other.execute("LOCK TABLE market_data IN SHARE ROW EXCLUSIVE MODE")
        running = start_cli(
            "correct", "--yes", f"--correction-id={correction_id}", "--lock-timeout=5 min"
        )
        wait_until(lambda: bool(workers(large_market)))
        wait_until(lambda: one(large_market, _WAITING) > 0)
        running.send_signal(signal.SIGINT)
        wait_until(lambda: one(large_market, _PAUSING) == 1)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=120)
    assert running.returncode == 4, err
    assert str(correction_id) in err
    resumed = cli("resume", str(correction_id))
    assert resumed.exit_code == 0, resumed.stderr
    assert classes(large_market) == expected_classes(large_market)


def test_what_was_interrupted_is_not_asked_again(
    large_market: Connection, dsn: str, correct: Any, session: Any
) -> None:
    """The server may carry out the cancelling of a statement in the next one of its session."""
    correction_id, opened = uuid4(), []

    def open_session(_: str) -> Connection:
        opened.append(psycopg.connect(dsn, autocommit=True))
        return opened[-1]

    running = correct(correction_id=correction_id, **SLOW_OPTIONS)
    wait_until(lambda: changed(large_market, correction_id) > 0)
    other = session()
    with closing(_Monitor(open_session, correction_id)) as monitor:
        with other.transaction():
            other.execute("LOCK TABLE etl.operation_control IN ACCESS EXCLUSIVE MODE")
            interrupt = threading.Timer(0.5, signal.raise_signal, [signal.SIGINT])
            interrupt.start()
            with pytest.raises(KeyboardInterrupt):
                monitor.look()
            interrupt.join()
        assert opened[0].closed
        assert monitor.pause()
        status = monitor.look()
    assert status is not None
    assert (len(opened), status.execution_id) == (2, correction_id)
    assert one(large_market, _PAUSING) == 1
    assert running.result(120).status == "paused"


_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
_PAUSING = "SELECT count(*) FROM etl.operation_control WHERE request = 'pause'"


def test_sessions_bear_the_name_of_the_client(
    large_market: Connection, dsn: str, session: Any
) -> None:
    """A name in the connection string is kept, so that history shows who it was."""
    with Client.connect(f"{dsn} application_name=nightly") as client:
        client.correct()
    name = one(large_market, "SELECT application_name FROM etl_execution_history")
    assert name == "nightly worker"
