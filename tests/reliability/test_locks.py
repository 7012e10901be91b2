"""Rows and tables in the hands of others: nobody is hurt, and what was left is said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from reliability_support import (
    Connection,
    assert_books_balance,
    changed,
    correct,
    figures,
    hurry,
    join,
    one,
    resume,
    rollback,
    status_of,
)
from sql_support import wait_until

HELD = "symbol = 'AAPL' AND timeframe = '1D'"  # ten bars, NULL, to become STOCK


def value_of_held(db: Connection) -> set[str | None]:
    return {
        row[0] for row in db.execute(f"SELECT asset_class FROM market_data WHERE {HELD}").fetchall()
    }


def waiting_for(db: Connection, execution_id: UUID) -> str:
    rows = db.execute(
        "SELECT waiting_for FROM etl.correction_status() WHERE execution_id = %s", [execution_id]
    ).fetchall()
    return (rows[0][0] or "") if rows else ""


@contextmanager
def held_rows(session: Any) -> Iterator[Connection]:
    """Hold the ten bars in an open transaction that has changed another column of them."""
    other = session()
    with other.transaction():
        other.execute(f"UPDATE market_data SET close = -1 WHERE {HELD}")
        yield other


def test_rows_held_for_a_while(bars: Connection, dsn: str, session: Any) -> None:
    """The rest is done meanwhile; the held rows are taken once they are free."""
    correction_id = uuid4()
    with held_rows(session):
        call = correct(dsn, correction_id=correction_id, lock_timeout="200 ms", max_retries=50)
        wait_until(lambda: "rows that other sessions hold" in waiting_for(bars, correction_id))
        total, changed = (
            figures(bars, correction_id)[name] for name in ("records_total", "records_changed")
        )
        assert total - changed == 10
        assert value_of_held(bars) == {None}
    row = call.done()
    assert (row["status"], row["changed"], row["skipped"]) == ("completed", total, 0)
    assert value_of_held(bars) == {"STOCK"}
    assert one(bars, f"SELECT count(*) FROM market_data WHERE close = -1 AND {HELD}") == 10
    assert_books_balance(bars, correction_id)


def test_rows_held_to_the_end(bars: Connection, dsn: str, session: Any) -> None:
    """They are skipped, counted and said so; the next run takes them."""
    with held_rows(session):
        row = correct(dsn, lock_timeout="50 ms", max_retries=1).done()
        assert (row["status"], row["skipped"]) == ("completed_with_errors", 10)
        hint = one(bars, "SELECT hint FROM etl.correction_status(%s)", row["correction_id"])
        assert "held by other sessions" in hint
        assert value_of_held(bars) == {None}
        assert_books_balance(bars, row["correction_id"])
    again = correct(dsn).done()
    assert (again["status"], again["changed"]) == ("completed", 10)
    assert value_of_held(bars) == {"STOCK"}


def test_rows_held_to_the_end_of_a_rollback(
    bars: Connection, dsn: str, session: Any, corrected: Any
) -> None:
    correction_id, rollback_id = corrected(), uuid4()
    with held_rows(session):
        row = rollback(
            dsn, correction_id, rollback_id=rollback_id, lock_timeout="50 ms", max_retries=1
        ).done()
        assert (row["status"], row["skipped"]) == ("completed_with_errors", 10)
        assert status_of(bars, correction_id) == "partially_rolled_back"
        assert value_of_held(bars) == {"STOCK"}
    outcomes = bars.execute(
        "SELECT outcome, count(*) FROM etl.rollback_outcomes(%s) GROUP BY 1 ORDER BY 1",
        [rollback_id],
    ).fetchall()
    assert outcomes == [("kept", 10), ("restored", row["changed"])]
    assert rollback(dsn, correction_id).done()["changed"] == 10
    assert value_of_held(bars) == {None}
    assert status_of(bars, correction_id) == "rolled_back"


@pytest.mark.parametrize(
    ("options", "deadlocks"),
    [("", 0), ("-c deadlock_timeout=10ms", 1)],
    ids=["lock timeout", "deadlock"],
)
def test_deadlock_provoked(
    bars: Connection, dsn: str, session: Any, options: str, deadlocks: int
) -> None:
    """Two that lock rows in opposite order: it is always we who give way and try again."""
    rows = bars.execute(
        "SELECT id FROM market_data WHERE symbol = 'AAPL' AND timeframe = '1m'"
        " AND asset_class IS NULL ORDER BY ctid"
    ).fetchall()
    first, middle, last = rows[0][0], rows[1][0], rows[8][0]
    bars.execute(
        """
        CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM public.meeting WHERE bar = new.id) THEN
                PERFORM pg_sleep(0.01);
                WHILE NOT EXISTS (
                    SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'
                ) LOOP
                    PERFORM pg_sleep(0.01);
                END LOOP;
            END IF;
            RETURN new;
        END $$;
        CREATE TABLE meeting (bar uuid);
        CREATE TRIGGER meet BEFORE UPDATE OF asset_class ON market_data
            FOR EACH ROW EXECUTE FUNCTION meet()
        """
    )
    bars.execute("INSERT INTO meeting VALUES (%s)", [middle])
    application = session()
    correction_id = uuid4()
    with application.transaction():
        application.execute("UPDATE market_data SET close = -1 WHERE id = %s", [last])
        call = correct(f"{dsn} options='{options}'", correction_id=correction_id)
        wait_until(
            lambda: bars.execute(
                "SELECT FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'"
                " AND xact_start < clock_timestamp() - interval '50 ms'",
                [call.pid],
            ).fetchall()
        )
        # Waits for our batch, which then waits for this transaction.
        application.execute("UPDATE market_data SET close = -1 WHERE id = %s", [first])
        bars.execute("DELETE FROM meeting")
    row = call.done()
    assert (row["status"], row["skipped"], row["failed"]) == ("completed", 0, 0)
    assert one(bars, "SELECT retries FROM etl_execution_history") >= 1
    assert one(bars, "SELECT count(*) FROM market_data WHERE close = -1") == 2
    wait_until(
        lambda: (
            one(
                bars,
                "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
            )
            == deadlocks
        )
    )
    assert_books_balance(bars, correction_id)


def test_table_locked_for_a_moment(bars: Connection, dsn: str, session: Any) -> None:
    """In whatever phase: the step is tried again, and the operation ends well."""
    expected = one(
        bars,
        "SELECT correctable_records - mismatched_records - unknown_class_records"
        " FROM etl.analyze_asset_classes()",
    )
    other = session()
    correction_id = uuid4()
    call = None
    for phase in ("mapping", "measuring", "correcting", "sweeping"):
        with other.transaction():
            other.execute("LOCK TABLE market_data")
            if call is None:
                call = correct(
                    dsn,
                    correction_id=correction_id,
                    lock_timeout="20 ms",
                    max_retries=100,
                    batch_size=20,
                    adaptive=False,
                    pause_between_batches="5 ms",
                )
            wait_until(lambda: "55P03" in waiting_for(bars, correction_id))
        wait_until(lambda phase=phase: figures(bars, correction_id)["phase"] != phase)
    assert call is not None
    row = call.done()
    assert (row["status"], row["skipped"], row["failed"]) == ("completed", 0, 0)
    assert row["changed"] >= expected > 0


@pytest.mark.parametrize("sessions", [1, 2])
def test_ddl_gets_through_within_a_batch(
    bars: Connection, dsn: str, session: Any, sessions: int
) -> None:
    """Of each session the batch under way ends, and one that began just before the request."""
    bars.execute(
        "CREATE FUNCTION rest() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_sleep(0.01); RETURN new; END $$;"
        "CREATE TRIGGER rest BEFORE UPDATE ON market_data FOR EACH ROW EXECUTE FUNCTION rest()"
    )
    correction_id = uuid4()
    calls = [
        correct(dsn, correction_id=correction_id, batch_size=20, adaptive=False, max_retries=20)
    ]
    wait_until(lambda: changed(bars, correction_id) > 0)
    calls += [join(dsn, correction_id) for _ in range(sessions - 1)]
    count = "SELECT count(*) FROM etl.operation_batch"
    other = session()
    other.execute("CREATE TEMPORARY TABLE met (batches bigint)")
    for number in range(3):
        other.execute(
            f"""DO $$ DECLARE before bigint := ({count}); BEGIN
                ALTER TABLE market_data ADD COLUMN note{number} text;
                INSERT INTO met SELECT ({count}) - before;
            END $$"""
        )
    assert one(other, "SELECT max(batches) FROM met") <= 2 * sessions
    assert all(call.is_alive() for call in calls), "it was over too early to prove anything"
    bars.execute(
        "CREATE OR REPLACE FUNCTION rest() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN new; END $$"
    )
    assert {call.done()["status"] for call in calls} == {"completed"}


def test_conflict_that_does_not_end(bars: Connection, dsn: str, session: Any) -> None:
    """After max_retries the operation gives up with the conflict's code, and can be resumed."""
    other, correction_id = session(), uuid4()
    with other.transaction():
        other.execute("LOCK TABLE market_data")
        call = correct(dsn, correction_id=correction_id, lock_timeout="20 ms", max_retries=1).wait()
        assert call.code == "55P03"
        assert isinstance(call.error, psycopg.errors.LockNotAvailable)
        assert "resume_operation" in (call.error.diag.message_hint or "")
    assert status_of(bars, correction_id) == "failed"
    row = resume(dsn, correction_id).done()
    assert row["status"] == "completed"
    assert row["changed"] == figures(bars, correction_id)["records_total"] > 0


def test_settings_held_by_an_open_transaction(bars: Connection, dsn: str, session: Any) -> None:
    """A tune that is not committed holds the workers up; they give way, then give up."""
    other, correction_id = session(), uuid4()
    options = {"batch_size": 20, "adaptive": False, "pause_between_batches": "500 ms"}
    patience = {"lock_timeout": "50 ms", "max_retries": 2}
    call = correct(dsn, correction_id=correction_id, **options, **patience)
    wait_until(lambda: changed(bars, correction_id) > 0)
    with other.transaction():
        other.execute("SELECT etl.tune_operation(%s, max_retries => 5)", [correction_id])
        assert call.wait().code == "55P03"
        assert status_of(bars, correction_id) == "interrupted"
        bars.execute(f"UPDATE market_data SET close = -1 WHERE {HELD}")  # no row is held
    hurry(bars, correction_id)
    assert resume(dsn, correction_id).done()["status"] == "completed"
    assert value_of_held(bars) == {"STOCK"}
    assert_books_balance(bars, correction_id)
