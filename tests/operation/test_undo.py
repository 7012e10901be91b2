"""Undo by operation id of jobs on small tables: exact, careful, and never twice."""

from __future__ import annotations

import random
import uuid
from collections import Counter

import psycopg
import pytest
from sql_support import (
    call,
    classes,
    correct,
    history,
    in_background,
    one,
    raises,
    rows,
    wait_until,
)
from table_jobs import TABLE, changes, contents, insert, run, start, undo, update, work


@pytest.fixture
def changed(symbols):
    """Two rows added and two changed; what was there before."""
    before = contents(symbols)
    identity = run(
        symbols,
        insert("CCC", asset_class="STOCK"),
        insert("DDD"),
        update(7, asset_class="STOCK", name="1st"),
        update(8, asset_class="STOCK"),
    )
    return symbols, identity, before


def outcomes(db, undone):
    return Counter(outcome for *_, outcome in changes(db, undone.rollback_id))


def test_everything_is_as_it_was(changed):
    db, identity, before = changed
    assert contents(db) != before
    undone = undo(db, identity, reason="a mistake")
    assert contents(db) == before
    assert (undone.status, undone.changed, undone.skipped) == ("completed", 4, 0)
    assert outcomes(db, undone) == {"restored": 4}
    assert history(db, identity).status == "rolled_back"
    told = history(db, undone.rollback_id)
    assert (told.operation, told.subject_execution_id, told.reason) == (
        "undo",
        identity,
        "a mistake",
    )


def test_what_cannot_be_undone(changed):
    db, identity, before = changed
    undone = undo(db, identity)
    for other in (identity, undone.rollback_id):
        with raises("ME005"):
            undo(db, other)
    with raises("ME005"):
        undo(db, run(db, insert("AAA")))  # it changed nothing
    with raises("ME002"):
        undo(db, uuid.uuid4())
    with raises("ME003"):
        undo(db, identity, on_conflict="ask")
    assert contents(db) == before


def test_a_dry_run_tells_and_changes_nothing(changed):
    db, identity, _ = changed
    done = contents(db)
    told = undo(db, identity, dry_run=True)
    assert (told.status, told.changed) == ("completed", 4)
    assert contents(db) == done
    assert history(db, identity).status == "completed"
    assert undo(db, identity).changed == 4


@pytest.fixture
def conflict(changed):
    """One row that was added, and one that was changed, have been changed by others since."""
    db, identity, before = changed
    db.execute(f"""UPDATE {TABLE} SET "Name" = 'theirs' WHERE "Id" IN (7, 9)""")
    return db, identity, before


def test_conflicts_are_kept(conflict):
    db, identity, before = conflict
    theirs = [row for row in contents(db) if "theirs" in row[0]]
    undone = undo(db, identity)
    assert (undone.status, undone.changed, undone.skipped) == ("completed_with_errors", 2, 2)
    assert contents(db) == sorted([theirs[0], before[1], theirs[1]])
    assert history(db, identity).status == "partially_rolled_back"
    assert outcomes(db, undone) == {"restored": 2, "kept": 2}
    messages = rows(
        db,
        "SELECT message FROM etl.operation_changes(%s) WHERE outcome = 'kept'",
        undone.rollback_id,
    )
    assert messages == [("changed since: Name",)] * 2

    forced = undo(db, identity, on_conflict="force")
    assert (forced.status, forced.changed) == ("completed", 2)
    assert contents(db) == before
    assert history(db, identity).status == "rolled_back"


def test_conflicts_are_forced(conflict):
    db, identity, before = conflict
    undone = undo(db, identity, on_conflict="force")
    assert (undone.status, undone.changed) == ("completed", 4)
    assert outcomes(db, undone) == {"restored": 2, "forced": 2}
    assert contents(db) == before


def test_conflicts_abort(conflict):
    db, identity, _ = conflict
    done = contents(db)
    with raises("ME006") as caught:
        undo(db, identity, on_conflict="abort")
    assert "2 rows" in caught.value.diag.message_primary
    assert contents(db) == done
    assert history(db, identity).status == "completed"
    assert one(db, "SELECT count(*) FROM etl_execution_history WHERE operation = 'undo'") == 0


def test_a_column_that_the_job_did_not_touch_is_nobodys_conflict(changed):
    db, identity, before = changed
    db.execute(f"""UPDATE {TABLE} SET "Tick" = 5 WHERE "Id" = 8""")
    undone = undo(db, identity)
    assert (undone.status, undone.changed) == ("completed", 4)
    assert contents(db)[0] == before[0]
    assert rows(db, f'SELECT "AssetClass", "Tick" FROM {TABLE} WHERE "Id" = 8') == [(None, 5)]


def test_values_inside_json_and_arrays_are_conflicts(symbols):
    db = symbols
    identity = run(db, insert("CCC"))
    db.execute(f"""UPDATE {TABLE} SET "Extra" = '{{"a": 1}}' WHERE "Id" = 9""")
    assert outcomes(db, undo(db, identity)) == {"kept": 1}
    db.execute(f"""UPDATE {TABLE} SET "Extra" = '{{}}', "Tags" = '{{x}}' WHERE "Id" = 9""")
    assert outcomes(db, undo(db, identity)) == {"kept": 1}
    db.execute(f"""UPDATE {TABLE} SET "Tags" = '{{}}' WHERE "Id" = 9""")
    assert outcomes(db, undo(db, identity)) == {"restored": 1}


def test_rows_that_others_have_deleted_or_restored(changed):
    db, identity, before = changed
    db.execute(f'DELETE FROM {TABLE} WHERE "Id" = 9')
    db.execute(f"""UPDATE {TABLE} SET "AssetClass" = NULL WHERE "Id" = 8""")
    undone = undo(db, identity)
    assert outcomes(db, undone) == {"restored": 2, "missing": 1, "unchanged": 1}
    assert (undone.status, undone.changed, undone.skipped) == ("completed", 2, 2)
    assert history(db, identity).status == "rolled_back"
    assert [row for row in contents(db) if row[0].startswith("(7,")] == before[:1]
    assert rows(db, f'SELECT "Id", "AssetClass" FROM {TABLE} ORDER BY 1') == [(7, None), (8, None)]


def test_a_row_that_others_refer_to_fails_and_can_be_tried_again(changed):
    db, identity, before = changed
    db.execute(f"CREATE TABLE position (symbol_id bigint REFERENCES {TABLE})")
    db.execute("INSERT INTO position VALUES (9)")
    undone = undo(db, identity)
    assert (undone.status, undone.changed, undone.failed) == ("completed_with_errors", 3, 1)
    assert outcomes(db, undone) == {"restored": 3, "failed": 1}
    assert one(
        db,
        "SELECT message FROM etl.operation_changes(%s) WHERE outcome = 'failed'",
        undone.rollback_id,
    ).startswith("23503")
    assert history(db, identity).status == "partially_rolled_back"

    db.execute("DELETE FROM position")
    again = undo(db, identity)
    assert (again.status, again.changed) == ("completed", 1)
    assert contents(db) == before
    assert history(db, identity).status == "rolled_back"


def begin_slowly(db, session, *planned):
    """Start a job with a batch for every row, in a session of its own; return both."""
    identity = start(db, *planned, batch_size=1, adaptive=False, pause_between_batches="20 ms")
    worker = session()
    return identity, worker


def some_batches(db, identity, count=5):
    wait_until(
        lambda: one(
            db, "SELECT count(*) >= %s FROM etl.operation_batch WHERE execution_id = %s",
            *(count, identity),
        )
    )  # fmt: skip


@pytest.mark.parametrize("end", ["cancelled", "killed"])
def test_what_a_stopped_job_has_done_is_undone(symbols, session, end):
    db = symbols
    before = contents(db)
    identity, worker = begin_slowly(db, session, *(insert(f"T{n}") for n in range(200)))
    with in_background(_ignore_end, work, worker, identity):
        some_batches(db, identity)
        if end == "cancelled":
            call_function(db, "cancel_operation", identity)
        else:
            db.execute("SELECT pg_terminate_backend(%s)", (worker.info.backend_pid,))
    done = one(db, f"SELECT count(*) FROM {TABLE}") - len(before)
    assert 5 <= done < 200
    assert len(changes(db, identity)) == done

    undone = undo(db, identity)
    assert (undone.status, undone.changed) == ("completed", done)
    assert contents(db) == before
    assert history(db, identity).status == "rolled_back"


def call_function(db, name, identity):
    return rows(db, f"SELECT * FROM etl.{name}(%s)", identity)


def _ignore_end(function, *values):
    """Run something that is going to be stopped."""
    try:
        function(*values)
    except psycopg.Error as error:
        if error.sqlstate not in ("ME012", "57P01") and error.sqlstate is not None:
            raise


def test_a_killed_job_can_go_on_and_then_be_undone(symbols, session):
    db = symbols
    before = contents(db)
    identity, worker = begin_slowly(db, session, *(insert(f"T{n}") for n in range(60)))
    with in_background(_ignore_end, work, worker, identity):
        some_batches(db, identity)
        db.execute("SELECT pg_terminate_backend(%s)", (worker.info.backend_pid,))
    result = work(db, identity)
    assert (result.status, result.changed) == ("completed", 60)
    assert one(db, f'SELECT count(DISTINCT "Ticker") FROM {TABLE}') == 62
    assert undo(db, identity).changed == 60
    assert contents(db) == before


def test_an_unfinished_job_is_not_undone_underneath_it(symbols, session):
    db = symbols
    identity, worker = begin_slowly(db, session, *(insert(f"T{n}") for n in range(100)))
    with in_background(work, worker, identity) as result:
        some_batches(db, identity)
        with raises("ME001"):
            undo(db, identity)
        call_function(db, "pause_operation", identity)
    assert result.result().status == "paused"
    with raises("ME001"):
        undo(db, identity)
    assert work(db, identity).status == "completed"


def test_an_undo_that_was_stopped_goes_on(symbols, session):
    db = symbols
    before = contents(db)
    identity = run(db, *(insert(f"T{n}") for n in range(3000)), batch_size=3000)
    rollback_id = uuid.uuid4()
    worker = session()
    db.execute(  # half of its batches wait for this
        f"CREATE FUNCTION platform.slow() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$BEGIN PERFORM pg_sleep(0.002); RETURN old; END$$;"
        f"CREATE TRIGGER slow BEFORE DELETE ON {TABLE}"
        f" FOR EACH ROW EXECUTE FUNCTION platform.slow()"
    )
    with in_background(_ignore_end, undo_as, worker, identity, rollback_id):
        some_batches(db, rollback_id, 1)
        db.execute("SELECT pg_terminate_backend(%s)", (worker.info.backend_pid,))
    left = one(db, f"SELECT count(*) FROM {TABLE}")
    assert 2 < left < 3002
    db.execute(f"DROP TRIGGER slow ON {TABLE}")

    again = undo_as(db, identity, rollback_id)
    assert (again.rollback_id, again.status, again.changed) == (rollback_id, "completed", 3000)
    assert contents(db) == before
    assert history(db, identity).status == "rolled_back"


def undo_as(db, identity, rollback_id):
    return undo(db, identity, rollback_id=rollback_id)


def test_two_at_once_undo_once(changed, session):
    db, identity, before = changed

    def attempt():
        try:
            return undo(session(), identity).changed
        except psycopg.Error as error:
            if error.sqlstate not in ("ME001", "ME005"):
                raise
            return 0

    with in_background(attempt) as first, in_background(attempt) as second:
        assert sorted([first.result(), second.result()]) == [0, 4]
    assert contents(db) == before


def test_rows_locked_by_another_session_are_waited_for(changed, session):
    db, identity, before = changed
    holder = session()
    holder.execute("BEGIN")
    holder.execute(f'SELECT FROM {TABLE} WHERE "Id" = 7 FOR UPDATE')
    with in_background(undo, session(), identity) as result:
        wait_until(
            lambda: one(
                db, "SELECT sum(retries) > 0 FROM etl_execution_history WHERE operation = 'undo'"
            )
        )
        holder.execute("ROLLBACK")
    assert (result.result().status, result.result().changed) == ("completed", 4)
    assert contents(db) == before


def test_a_writer_between_reading_and_undoing_is_not_lost(changed, session):
    """The row is read again once its lock is given: the writer's value stays."""
    db, identity, _ = changed
    writer = session()
    writer.execute("BEGIN")
    writer.execute(f"""UPDATE {TABLE} SET "AssetClass" = 'ETF' WHERE "Id" = 7""")
    with in_background(undo, session(), identity) as result:
        wait_until(lambda: bool(one(db, "SELECT count(*) FROM pg_locks WHERE NOT granted")))
        writer.execute("COMMIT")
    assert (result.result().changed, result.result().skipped) == (3, 1)
    assert rows(db, f'SELECT "AssetClass" FROM {TABLE} WHERE "Id" = 7') == [("ETF",)]


def test_corrections_are_undone_by_the_same_command(market):
    before = classes(market)
    correction = correct(market)
    assert undo(market, correction.correction_id).changed == correction.changed
    assert classes(market) == before
    with raises("ME005"):
        undo(market, correction.correction_id)


@pytest.mark.parametrize("seed", range(6))
def test_random_jobs_are_undone_in_any_order_that_has_no_conflict(symbols, seed):
    """Several jobs over the same rows, undone from the last to the first."""
    db, dice = symbols, random.Random(seed)
    states, jobs = [contents(db)], []
    for _ in range(4):
        keys = [key for (key,) in rows(db, f'SELECT "Id" FROM {TABLE}')]
        planned = [insert(f"{dice.choice('ABC')}{dice.randrange(40)}", name="x") for _ in range(9)]
        planned = list(
            {fields["ticker"]: plan for plan in planned for fields in [plan[2]]}.values()
        )
        for key in dice.sample(keys, min(len(keys), 5)):
            fields = {"name": dice.choice(["a", "b", None]), "venue": dice.choice(["N", "M", None])}
            planned.append(update(key, **dict(dice.sample(sorted(fields.items()), 1))))
        dice.shuffle(planned)
        jobs.append(run(db, *planned, batch_size=dice.choice([1, 3, 100])))
        states.append(contents(db))
    for identity, after in reversed(list(zip(jobs, states[:-1], strict=True))):
        if not changes(db, identity):
            continue
        assert undo(db, identity).status == "completed"
        assert contents(db) == after


def test_a_group_of_operators_needs_no_right_on_the_table(changed, login):
    db, identity, before = changed
    with raises("42501"):
        undo(login("etl_reader"), identity)
    assert call(login("etl_operator"), "rollback_operation", execution_id=identity).changed == 4
    assert contents(db) == before
