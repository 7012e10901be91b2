"""A session is killed at every batch boundary, and in the middle of every batch."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from reliability_support import (
    Call,
    Connection,
    Undisturbed,
    assert_books_balance,
    backup,
    correct,
    figures,
    join,
    one,
    resume,
    rollback,
    status_of,
    table,
    terminate,
)
from sql_support import wait_until

STEP: dict[str, Any] = {
    "batch_size": 200,
    "adaptive": False,
    "pause_between_batches": "1 hour",
}
"""Each session does one batch and then sleeps, at the boundary."""


def is_at_boundary(db: Connection, call: Call) -> bool:
    """Whether a session sleeps between two batches."""
    return bool(
        db.execute(
            "SELECT FROM etl.operation_worker WHERE backend_pid = %s AND left_at IS NULL"
            " AND waiting_for = 'pause between batches'",
            [call.pid],
        ).fetchall()
    )


def kill_at_every_boundary(db: Connection, dsn: str, first: Call, execution_id: UUID) -> int:
    """Kill the session after its batch, resume, and so on to the end; return how often."""
    kills, call = 0, first
    while True:
        wait_until(lambda call=call: not call.is_alive() or is_at_boundary(db, call))
        if not call.is_alive():
            call.done()
            return kills
        terminate(db, call.pid)
        assert call.wait().error is not None
        assert status_of(db, execution_id) == "interrupted"
        kills += 1
        call = resume(dsn, execution_id)


def test_correction_killed_at_every_boundary(
    bars: Connection, dsn: str, undisturbed: Undisturbed
) -> None:
    correction_id = uuid4()
    first = correct(dsn, correction_id=correction_id, **STEP)
    kills = kill_at_every_boundary(bars, dsn, first, correction_id)
    batches = one(
        bars, "SELECT count(*) FROM etl.operation_batch WHERE execution_id = %s", correction_id
    )
    assert kills == batches >= 8
    assert table(bars) == undisturbed.corrected
    assert backup(bars, correction_id) == undisturbed.backup
    assert figures(bars, correction_id) == undisturbed.correction
    assert_books_balance(bars, correction_id)


def test_rollback_killed_at_every_boundary(
    bars: Connection, dsn: str, corrected: Any, undisturbed: Undisturbed
) -> None:
    correction_id, rollback_id = corrected(), uuid4()
    first = rollback(dsn, correction_id, rollback_id=rollback_id, **STEP)
    assert kill_at_every_boundary(bars, dsn, first, rollback_id) >= 5
    assert table(bars) == undisturbed.before
    assert figures(bars, rollback_id) == undisturbed.rollback
    assert figures(bars, correction_id)["status"] == "rolled_back"


# A row on the list makes whoever updates it wait, in the middle of the batch and of a transaction.
GATES = """
CREATE TABLE gate (bar uuid PRIMARY KEY);
CREATE FUNCTION pass_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WHILE EXISTS (SELECT FROM public.gate WHERE bar = new.id) LOOP
        PERFORM pg_sleep(0.01);
    END LOOP;
    RETURN new;
END $$;
CREATE TRIGGER pass_gate BEFORE UPDATE ON market_data FOR EACH ROW EXECUTE FUNCTION pass_gate();
"""

BACKUP_TABLE = "SELECT backup_table FROM etl.list_backups()"
IN_MID_BATCH = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = ANY (%s)"


def close_gates(db: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Close a gate at every 100th of the rows, in the order in which they lie."""
    with db.cursor() as cursor:
        cursor.executemany("INSERT INTO gate VALUES (%s)", [row[:1] for row in rows[50::100]])


def kill_in_every_batch(db: Connection, dsn: str, calls: list[Call], execution_id: UUID) -> int:
    """Kill whoever waits at a gate, open that gate, resume with as many sessions, to the end."""
    kills, sessions = 0, len(calls)
    while True:
        pids = [call.pid for call in calls]
        wait_until(
            lambda calls=calls, pids=pids: (
                any(not call.is_alive() for call in calls)
                or len(db.execute(IN_MID_BATCH, [pids]).fetchall()) == len(calls)
            )
        )
        if any(not call.is_alive() for call in calls):
            assert all(call.wait().error is None for call in calls)
            return kills
        before = table(db)
        for call in calls:
            terminate(db, call.pid)
            assert call.wait().error is not None
            kills += 1
        assert table(db) == before  # nothing of the batch is left
        assert status_of(db, execution_id) == "interrupted"
        db.execute(
            "DELETE FROM gate WHERE bar IN (SELECT g.bar FROM gate g JOIN market_data m"
            " ON m.id = g.bar ORDER BY m.ctid LIMIT %s)",
            [sessions],
        )
        calls = [resume(dsn, execution_id)]
        if sessions > 1:
            wait_until(lambda: status_of(db, execution_id) != "interrupted")
            calls += [join(dsn, execution_id) for _ in range(sessions - 1)]


def test_correction_killed_in_mid_batch(
    bars: Connection, dsn: str, undisturbed: Undisturbed
) -> None:
    bars.execute(GATES)
    close_gates(
        bars,
        bars.execute(
            "SELECT id FROM market_data m WHERE id::text = ANY (%s) ORDER BY ctid",
            [[row[0] for row in undisturbed.backup]],
        ).fetchall(),
    )
    gates, correction_id = one(bars, "SELECT count(*) FROM gate"), uuid4()
    first = correct(dsn, correction_id=correction_id, batch_size=200, adaptive=False)
    kills = kill_in_every_batch(bars, dsn, [first], correction_id)
    assert kills == gates >= 8
    assert table(bars) == undisturbed.corrected
    assert backup(bars, correction_id) == undisturbed.backup
    assert figures(bars, correction_id) == undisturbed.correction
    assert_books_balance(bars, correction_id)


def test_rollback_killed_in_mid_batch(
    bars: Connection, dsn: str, corrected: Any, undisturbed: Undisturbed
) -> None:
    correction_id, rollback_id = corrected(), uuid4()
    bars.execute(GATES)
    close_gates(
        bars,
        bars.execute(f"SELECT id FROM {one(bars, BACKUP_TABLE)} ORDER BY ctid").fetchall(),
    )
    gates = one(bars, "SELECT count(*) FROM gate")
    first = rollback(dsn, correction_id, rollback_id=rollback_id, batch_size=200, adaptive=False)
    assert kill_in_every_batch(bars, dsn, [first], rollback_id) == gates >= 8
    assert table(bars) == undisturbed.before
    assert figures(bars, rollback_id) == undisturbed.rollback


@pytest.mark.parametrize(
    "cancelled",
    [False, pytest.param(True, marks=pytest.mark.torture)],
    ids=["terminated", "cancelled"],
)
def test_one_of_two_sessions_dies(
    bars: Connection, dsn: str, undisturbed: Undisturbed, cancelled: bool
) -> None:
    """The other goes on, takes the dead one's chunk over, and ends the operation alone."""
    bars.execute(GATES)
    (held,) = bars.execute(
        "SELECT id FROM market_data WHERE id::text = %s", [undisturbed.backup[0][0]]
    ).fetchall()[0]
    bars.execute("INSERT INTO gate VALUES (%s)", [held])
    correction_id = uuid4()
    calls = [
        correct(
            dsn,
            correction_id=correction_id,
            batch_size=50,
            adaptive=False,
            pause_between_batches="20 ms",
        )
    ]
    wait_until(
        lambda: bars.execute(
            "SELECT FROM etl.operation_worker WHERE execution_id = %s", [correction_id]
        ).fetchall()
    )
    calls.append(join(dsn, correction_id))
    pids = [call.pid for call in calls]
    held_up = IN_MID_BATCH + " AND xact_start < clock_timestamp() - interval '200 ms'"
    wait_until(lambda: bars.execute(held_up, [pids]).fetchall())
    victim = one(bars, held_up, pids)
    if cancelled:
        bars.execute("SELECT pg_cancel_backend(%s)", [victim])
    else:
        terminate(bars, victim)
    bars.execute("DELETE FROM gate")
    dead = next(call for call in calls if call.pid == victim)
    other = next(call for call in calls if call.pid != victim)
    assert dead.wait().code == ("57014" if cancelled else "57P01")
    assert other.done()["status"] == "completed"
    assert table(bars) == undisturbed.corrected
    assert backup(bars, correction_id) == undisturbed.backup
    assert figures(bars, correction_id) == undisturbed.correction
