"""Starters, joiners and leavers; pause and cancel; who is alive and who is not."""

from __future__ import annotations

import threading
import time
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from reliability_support import (
    SLOW,
    Connection,
    Undisturbed,
    assert_books_balance,
    backup,
    changed,
    correct,
    figures,
    hurry,
    join,
    one,
    resume,
    rollback,
    status_of,
    table,
    terminate,
)
from sql_support import wait_until


def test_two_starters_at_once(bars: Connection, dsn: str, undisturbed: Undisturbed) -> None:
    """Exactly one wins, whoever it is; the other is told so, and by whom."""
    calls = [correct(dsn, **SLOW) for _ in range(6)]
    wait_until(lambda: sum(call.is_alive() for call in calls) <= 1)
    hurry(bars, one(bars, "SELECT execution_id FROM etl_execution_history"))
    for call in calls:
        call.wait()
    winners = [call for call in calls if call.error is None]
    assert [call.row["status"] for call in winners] == ["completed"]
    losers = [call for call in calls if call.error is not None]
    assert [call.code for call in losers] == ["ME001"] * 5
    winner = str(winners[0].row["correction_id"])
    assert all(winner in (call.error.diag.message_detail or "") for call in losers if call.error)
    assert one(bars, "SELECT count(*) FROM etl_execution_history") == 1
    assert table(bars) == undisturbed.corrected


def test_same_id_twice_at_once(bars: Connection, dsn: str, undisturbed: Undisturbed) -> None:
    """One starts, the other helps; once it is done, a third is told the result."""
    correction_id = uuid4()
    calls = [correct(dsn, correction_id=correction_id, **SLOW) for _ in range(2)]
    workers = "SELECT count(DISTINCT worker_number) FROM etl.operation_batch"
    wait_until(lambda: one(bars, workers) == 2)
    hurry(bars, correction_id)
    rows = [call.done() for call in calls]
    rows.append(correct(dsn, correction_id=correction_id).done())
    assert {(row["status"], row["changed"]) for row in rows} == {
        ("completed", undisturbed.correction["records_changed"])
    }
    assert figures(bars, correction_id) == undisturbed.correction
    assert one(bars, workers) == 2
    assert one(bars, "SELECT count(*) FROM etl_execution_history") == 1


@pytest.mark.parametrize("undo", [False, True], ids=["correct", "rollback"])
def test_three_joiners_and_one_leaving(
    bars: Connection, dsn: str, corrected: Any, undisturbed: Undisturbed, undo: bool
) -> None:
    execution_id = uuid4()
    if undo:
        correction_id = corrected()
        calls = [rollback(dsn, correction_id, rollback_id=execution_id, **SLOW)]
    else:
        correction_id = execution_id
        calls = [correct(dsn, correction_id=execution_id, **SLOW)]
    wait_until(lambda: changed(bars, execution_id) > 0)
    calls += [join(dsn, execution_id) for _ in range(3)]
    wait_until(
        lambda: one(bars, "SELECT live_workers FROM etl.correction_status(%s)", execution_id) == 4
    )
    bars.execute("SELECT pg_cancel_backend(%s)", [calls[1].pid])
    assert calls.pop(1).wait().code == "57014"
    hurry(bars, execution_id)
    assert {call.done()["status"] for call in calls} == {"completed"}
    assert table(bars) == (undisturbed.before if undo else undisturbed.corrected)
    assert figures(bars, execution_id) == (undisturbed.rollback if undo else undisturbed.correction)
    assert backup(bars, correction_id) == undisturbed.backup


@pytest.mark.parametrize("request_", ["pause", "cancel"])
@pytest.mark.parametrize("sessions", [pytest.param(1, marks=pytest.mark.torture), 2])
@pytest.mark.parametrize("undo", [False, True], ids=["correct", "rollback"])
def test_stopped_within_a_batch(
    bars: Connection,
    dsn: str,
    corrected: Any,
    undisturbed: Undisturbed,
    request_: str,
    sessions: int,
    undo: bool,
) -> None:
    """No session begins another batch; what was done stays, and the rest is done later."""
    bars.execute(  # slow rows: a batch takes its 500 ms
        """
        CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_sleep(0.01); RETURN new; END $$;
        CREATE TRIGGER slow BEFORE UPDATE ON market_data FOR EACH ROW EXECUTE FUNCTION slow();
        ALTER TABLE market_data DISABLE TRIGGER slow
        """
    )
    correction_id = corrected() if undo else uuid4()
    execution_id = uuid4() if undo else correction_id
    bars.execute("ALTER TABLE market_data ENABLE TRIGGER slow")
    if undo:
        calls = [rollback(dsn, correction_id, rollback_id=execution_id, batch_size=100)]
    else:
        calls = [correct(dsn, correction_id=correction_id, batch_size=100)]
    wait_until(lambda: changed(bars, execution_id) > 0)
    calls += [join(dsn, execution_id) for _ in range(sessions - 1)]
    time.sleep(0.3)
    bars.execute(f"SELECT * FROM etl.{request_}_operation(%s, 'enough')", [execution_id])
    batches = "SELECT count(*) FROM etl.operation_batch WHERE execution_id = %s"
    before = one(bars, batches, execution_id)
    for call in calls:
        call.wait()
    assert one(bars, batches, execution_id) - before <= sessions
    if request_ == "pause":
        assert [call.done()["status"] for call in calls] == ["paused"] * sessions
        assert correct(dsn).wait().code == "ME001"  # the target stays reserved
    else:
        assert [call.code for call in calls] == ["ME012"] * sessions
    assert status_of(bars, execution_id) == {"pause": "paused", "cancel": "cancelled"}[request_]
    assert 0 < changed(bars, execution_id) < undisturbed.correction["records_changed"]
    assert_books_balance(bars, correction_id)
    bars.execute("DROP TRIGGER slow ON market_data")
    assert resume(dsn, execution_id).done()["status"] == "completed"
    assert table(bars) == (undisturbed.before if undo else undisturbed.corrected)
    assert figures(bars, execution_id) == (undisturbed.rollback if undo else undisturbed.correction)


@pytest.mark.parametrize(
    "isolation",
    [
        "read committed",
        "repeatable read",
        pytest.param("serializable", marks=pytest.mark.torture),
    ],
)
def test_nobody_alive_is_taken_for_dead(
    bars: Connection, dsn: str, session: Any, isolation: str
) -> None:
    """Two workers with the shortest of batches, while others look and try to start all the time."""
    correction_id = uuid4()
    options = {"batch_size": 1, "adaptive": False}
    calls = [correct(dsn, correction_id=correction_id, **options)]
    wait_until(lambda: changed(bars, correction_id) > 0)
    calls.append(join(dsn, correction_id))
    wait_until(
        lambda: one(bars, "SELECT count(*) FROM etl.operation_worker WHERE left_at IS NULL") == 2
    )
    seen: list[tuple[str, int]] = []
    refused: list[str | None] = []

    def look() -> None:
        db = session()
        db.execute(f"SET default_transaction_isolation = '{isolation}'")
        while all(call.is_alive() for call in calls):
            seen.extend(
                db.execute(
                    "SELECT status, live_workers FROM etl.correction_status(%s)", [correction_id]
                ).fetchall()
            )

    def start() -> None:
        db = session()
        while all(call.is_alive() for call in calls):
            try:
                db.execute("CALL etl.correct_asset_classes()")
            except psycopg.Error as error:
                refused.append(error.sqlstate)

    failures: list[BaseException] = []

    def guarded(work: Any) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    others = [threading.Thread(target=guarded, args=[work]) for work in (look, look, start)]
    for other in others:
        other.start()
    for call in calls:
        assert call.done()["status"] == "completed"
    for other in others:
        other.join()
    assert failures == []
    assert len(seen) > 20
    assert {status for status, _ in seen} <= {"running", "completed"}
    assert {live for status, live in seen if status == "running"} <= {1, 2}
    assert set(refused) == {"ME001"}
    reasons = (
        "SELECT array_agg(DISTINCT left_because) FROM etl.operation_worker WHERE execution_id = %s"
    )
    assert one(bars, reasons, correction_id) == ["finished"]
    assert_books_balance(bars, correction_id)


def test_dead_worker_blocks_nobody(bars: Connection, dsn: str) -> None:
    """It shows as interrupted at once, and the next start takes the target."""
    first = uuid4()
    call = correct(dsn, correction_id=first, **SLOW)
    wait_until(lambda: changed(bars, first) > 0)
    terminate(bars, call.pid)
    assert call.wait().error is not None
    assert status_of(bars, first) == "interrupted"
    row = correct(dsn).done()
    assert row["status"] == "completed"
    assert one(bars, "SELECT status FROM etl_execution_history WHERE execution_id = %s", first) == (
        "interrupted"
    )
    hurry(bars, first)
    assert resume(dsn, first).done()["status"] == "completed"
    assert_books_balance(bars, first)
    assert_books_balance(bars, row["correction_id"])


SETTINGS = ("search_path", "lock_timeout", "synchronous_commit", "jit", "transaction_isolation")


def test_failed_call_leaks_nothing(bars: Connection, dsn: str, undisturbed: Undisturbed) -> None:
    """No lock, no setting; the same session can go on."""
    correction_id = uuid4()
    session = psycopg.connect(dsn, autocommit=True)

    def state() -> list[Any]:
        return [one(session, "SELECT current_setting(%s)", name) for name in SETTINGS] + [
            one(
                session,
                "SELECT count(*) FROM pg_locks"
                " WHERE pid = pg_backend_pid() AND locktype = 'advisory'",
            )
        ]

    before = state()
    call = "CALL etl.correct_asset_classes(correction_id => %s, batch_size => 40,"
    call += " adaptive => false, pause_between_batches => '300 ms')"
    failed: list[str | None] = []

    def run() -> None:
        try:
            session.execute(call, [correction_id])
        except psycopg.Error as error:
            failed.append(error.sqlstate)

    for _ in range(3):
        done = changed(bars, correction_id)
        thread = threading.Thread(target=run)
        thread.start()
        wait_until(lambda done=done: changed(bars, correction_id) > done)
        bars.execute("SELECT pg_cancel_backend(%s)", [session.info.backend_pid])
        thread.join()
        assert state() == before
        assert status_of(bars, correction_id) == "interrupted"
    assert failed == ["57014"] * 3
    hurry(bars, correction_id)
    run()
    assert failed == ["57014"] * 3
    assert state() == before
    session.close()
    assert table(bars) == undisturbed.corrected
    assert figures(bars, correction_id) == undisturbed.correction


def test_tuned_while_it_runs(bars: Connection, dsn: str) -> None:
    """Hammered with changes, two workers neither fail nor deadlock."""
    correction_id = uuid4()
    calls = [correct(dsn, correction_id=correction_id, **SLOW)]
    wait_until(lambda: changed(bars, correction_id) > 0)
    calls.append(join(dsn, correction_id))
    number = 0
    while any(call.is_alive() for call in calls):
        number += 1
        bars.execute(
            "SELECT * FROM etl.tune_operation("
            "%s, batch_size => %s, pause_between_batches => '1 ms')",
            [correction_id, 5 + number % 20],
        )
    assert [call.done()["status"] for call in calls] == ["completed"] * 2
    assert one(bars, "SELECT retries FROM etl_execution_history") == 0
    assert one(bars, "SELECT count(*) FROM etl.audit_log WHERE action = 'tune'") == number > 10
