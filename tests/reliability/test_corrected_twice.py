"""An application takes back what a correction wrote: corrected again, and undone once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from reliability_support import Connection, assert_books_balance, correct, one, rollback, status_of
from sql_support import wait_until

FIRST = "(SELECT id FROM market_data WHERE symbol = 'AAPL' ORDER BY ctid LIMIT 1)"


@pytest.fixture
def first(bars: Connection) -> str:
    """Return the key of the first bar of AAPL, which is empty."""
    return str(
        one(bars, f"UPDATE market_data SET asset_class = '' WHERE id = {FIRST} RETURNING id::text")
    )


def images(db: Connection, correction_id: Any, key: str) -> list[tuple[Any, ...]]:
    """Return the before-images of a bar, the earlier first: old value, pass."""
    relation = one(
        db, "SELECT backup_table FROM etl.correction_backup WHERE execution_id = %s", correction_id
    )
    return db.execute(
        f"SELECT s.asset_class, b.pass FROM {relation} s JOIN etl.operation_batch b"
        "    ON b.execution_id = %s AND b.batch_number = s.batch_number"
        " WHERE s.id::text = %s ORDER BY s.changed_at",
        (correction_id, key),
    ).fetchall()


@pytest.mark.parametrize("moves", [False, True], ids=["stays", "moves once more"])
@pytest.mark.parametrize("on_conflict", ["keep", "abort"])
def test_taken_back_while_the_correction_runs(
    bars: Connection, dsn: str, first: str, on_conflict: str, moves: bool
) -> None:
    """The undo gives the bar what the application had written, not what was there before."""
    correction_id = uuid4()
    call = correct(
        dsn,
        correction_id=correction_id,
        batch_size=100,
        adaptive=False,
        pause_between_batches="500 ms",
    )
    value = "SELECT asset_class FROM market_data WHERE id = %s"
    wait_until(lambda: one(bars, value, first) == "STOCK")
    bars.execute("UPDATE market_data SET asset_class = NULL, close = -1 WHERE id = %s", [first])
    bars.execute("SELECT etl.tune_operation(%s, pause_between_batches => '0')", [correction_id])
    done = call.done()

    assert (done["status"], one(bars, value, first)) == ("completed", "STOCK")
    (earlier, later) = images(bars, correction_id, first)
    assert (earlier[0], later[0]) == ("", None)
    assert later[1] > earlier[1] == 1
    assert_books_balance(bars, correction_id)
    if moves:
        bars.execute("UPDATE market_data SET close = -2 WHERE id = %s", [first])

    undone = rollback(dsn, correction_id, on_conflict=on_conflict).done()

    assert (undone["status"], undone["changed"]) == ("completed", done["changed"] - 1)
    assert one(bars, value, first) is None
    assert one(bars, "SELECT close FROM market_data WHERE id = %s", first) == (-2 if moves else -1)
    assert status_of(bars, correction_id) == "rolled_back"
    outcomes = bars.execute(
        "SELECT key ->> 'id', old_value FROM etl.rollback_outcomes(%s, 'unchanged')",
        [undone["rollback_id"]],
    ).fetchall()
    assert outcomes == [(first, "")]


def test_only_the_earlier_batch_is_undone(bars: Connection, dsn: str, first: str) -> None:
    """What a later batch wrote stays; undone as a whole afterwards, the row holds what it held."""
    correction_id = uuid4()
    options = {"batch_size": 100, "adaptive": False, "pause_between_batches": "500 ms"}
    call = correct(dsn, correction_id=correction_id, **options)
    value = "SELECT asset_class FROM market_data WHERE id = %s"
    wait_until(lambda: one(bars, value, first) == "STOCK")
    bars.execute("UPDATE market_data SET asset_class = NULL WHERE id = %s", [first])
    bars.execute("SELECT etl.tune_operation(%s, pause_between_batches => '0')", [correction_id])
    call.done()

    rollback(dsn, correction_id, batch_numbers=[1]).done()
    assert one(bars, value, first) == "STOCK"
    assert status_of(bars, correction_id) == "partially_rolled_back"
    rollback(dsn, correction_id).done()
    assert one(bars, value, first) is None
    assert status_of(bars, correction_id) == "rolled_back"


def test_what_was_written_since_is_left_to_the_sweep(
    bars: Connection, dsn: str, session: Any
) -> None:
    """Nothing but a sweep corrects a row version that may be younger than the correction."""
    other = session()
    with other.transaction():
        other.execute("SELECT pg_current_xact_id()")  # whatever comes now may be younger
        bars.execute(
            "UPDATE market_data SET close = -1 WHERE symbol = 'AAPL' AND asset_class IS NULL"
        )
        done = correct(dsn).done()

    assert done["status"] == "completed"
    passes = bars.execute(
        f"SELECT m.close = -1, min(b.pass), max(b.pass) FROM {done['backup_table']} s"
        "  JOIN market_data m USING (id) JOIN etl.operation_batch b USING (batch_number)"
        " WHERE b.execution_id = %s GROUP BY 1 ORDER BY 1",
        [done["correction_id"]],
    ).fetchall()
    assert passes == [(False, 1, 1), (True, 2, 2)]
