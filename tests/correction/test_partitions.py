"""Partitions that come and go while an operation is on its way."""

from __future__ import annotations

import uuid

import pytest
from sql_support import (
    call,
    correct,
    history,
    in_background,
    one,
    raises,
    rollback,
    rows,
    select,
    wait_until,
)

EACH = 4000


@pytest.fixture
def monthly(db):
    """Three monthly partitions of 4,000 blank bars each."""
    db.execute(
        "CREATE TABLE symbols (ticker text, asset_class text);"
        "INSERT INTO symbols VALUES ('AAPL', 'STOCK');"
        "CREATE TABLE market_data (id int PRIMARY KEY, symbol text, asset_class text)"
        " PARTITION BY RANGE (id)"
    )
    for month in range(3):
        db.execute(
            f"CREATE TABLE month_{month} PARTITION OF market_data"
            f" FOR VALUES FROM ({month * EACH}) TO ({(month + 1) * EACH})"
        )
    db.execute(
        f"INSERT INTO market_data SELECT n, 'AAPL' FROM generate_series(0, {3 * EACH - 1}) n"
    )
    db.execute("ANALYZE market_data")
    return db


def filled(db, table="market_data"):
    return one(db, f"SELECT count(*) FROM {table} WHERE asset_class = 'STOCK'")


def paused_half_way(db, worker):
    """Return the id of a correction that was paused in one of the partitions."""
    identity = uuid.uuid4()
    slowly = {"batch_size": 300, "adaptive": False, "pause_between_batches": "100 ms"}
    with in_background(correct, worker, correction_id=identity, **slowly) as future:
        wait_until(lambda: one(db, "SELECT count(*) FROM etl.operation_batch") >= 2)
        select(db, "pause_operation", execution_id=identity)
        assert future.result(timeout=120).status == "paused"
    select(db, "tune_operation", execution_id=identity, pause_between_batches="0")
    return identity


GOING = {
    "dropped": "DROP TABLE month_2",
    "detached": "ALTER TABLE market_data DETACH PARTITION month_2",
    "truncated": "TRUNCATE month_2",
}


@pytest.mark.parametrize("how", GOING)
def test_a_partition_that_goes_while_it_runs(monthly, session, how):
    identity = paused_half_way(monthly, session())
    assert 0 < filled(monthly) < EACH
    done_there = filled(monthly, "month_2")
    monthly.execute(GOING[how])

    result = call(monthly, "resume_correction", correction_id=identity)

    assert (result.status, result.changed) == ("completed", 2 * EACH + done_there)
    assert filled(monthly) == 2 * EACH
    if how == "detached":
        assert filled(monthly, "month_2") == done_there


def test_a_partition_that_comes_while_it_runs(monthly, session):
    identity = paused_half_way(monthly, session())
    monthly.execute(
        "CREATE TABLE month_3 PARTITION OF market_data FOR VALUES FROM (50000) TO (60000);"
        "INSERT INTO market_data SELECT n, 'AAPL' FROM generate_series(50001, 50100) n"
    )

    result = call(monthly, "resume_correction", correction_id=identity)

    assert (result.status, result.changed) == ("completed", 3 * EACH + 100)
    assert filled(monthly, "month_3") == 100


def test_a_partition_that_was_rewritten_while_it_runs(monthly, session):
    identity = paused_half_way(monthly, session())
    monthly.execute("VACUUM FULL month_1, month_0")
    result = call(monthly, "resume_correction", correction_id=identity)
    assert (result.status, result.changed) == ("completed", 3 * EACH)


@pytest.mark.parametrize("how", GOING)
def test_undo_after_a_partition_has_gone(monthly, how):
    result = correct(monthly)
    monthly.execute(GOING[how])

    undone = rollback(monthly, result.correction_id)

    assert (undone.changed, undone.skipped) == (2 * EACH, EACH)
    assert filled(monthly) == 0
    outcomes = rows(
        monthly,
        "SELECT outcome, count(*) FROM etl.rollback_outcomes(%s) GROUP BY 1 ORDER BY 1",
        undone.rollback_id,
    )
    assert outcomes == [("missing", EACH), ("restored", 2 * EACH)]
    assert history(monthly, result.correction_id).status == "rolled_back"
    if how == "detached":
        assert filled(monthly, "month_2") == EACH


def test_a_row_that_was_moved_to_another_partition_is_restored_there(monthly):
    result = correct(monthly)
    monthly.execute(
        "CREATE TABLE later PARTITION OF market_data FOR VALUES FROM (100000) TO (200000);"
        "ALTER TABLE market_data DETACH PARTITION month_2;"
        f"CREATE TABLE month_2b PARTITION OF market_data FOR VALUES FROM ({2 * EACH}) TO (99999);"
        "INSERT INTO market_data SELECT * FROM month_2"
    )
    assert rollback(monthly, result.correction_id).changed == 3 * EACH
    assert filled(monthly) == 0


def test_the_table_that_goes_while_it_runs_ends_it(monthly, session):
    identity = paused_half_way(monthly, session())
    monthly.execute("ALTER TABLE market_data RENAME asset_class TO class")
    with raises("ME008"):
        call(monthly, "resume_correction", correction_id=identity)
    assert history(monthly, identity).status == "failed"

    monthly.execute("ALTER TABLE market_data RENAME class TO asset_class")
    done = call(monthly, "resume_correction", correction_id=identity)
    assert (done.status, done.changed) == ("completed", 3 * EACH)
