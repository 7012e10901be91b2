"""A new kind of job: its room and dispatch, and all that the kernel gives for nothing."""

from __future__ import annotations

import json
import uuid

import pytest
from sql_support import (
    call,
    history,
    in_background,
    one,
    raises,
    rows,
    select,
    select_one,
    wait_until,
)

SLOWLY = {"batch_size": 20, "adaptive": False, "pause_between_batches": "100 ms"}
NAMES = 'SELECT "Id", "Name" FROM platform."Symbols" ORDER BY "Id"'


def run(db, identity, parent_id=None, **options):
    return call(db, "write_capitals", id=identity, options=json.dumps(options), parent_id=parent_id)


def status_of(db, identity):
    return select_one(db, "operation_status", execution_id=identity)


def audited(db, identity):
    return [
        action
        for (action,) in rows(
            db, "SELECT action FROM etl.audit_log WHERE execution_id = %s ORDER BY 1", identity
        )
    ]


@pytest.fixture
def identity():
    return uuid.uuid4()


@pytest.fixture
def under_way(toy, session, identity):
    """The job at work in another session: (db, its id, its future result)."""
    with in_background(run, session(), identity, **SLOWLY) as future:
        try:
            wait_until(lambda: rows(toy, "SELECT FROM etl.operation_batch OFFSET 1"))
            yield toy, identity, future
        finally:
            if not future.done():
                select(toy, "cancel_operation", execution_id=identity)
                future.exception(timeout=60)


def test_batches_history_and_audit(toy, identity):
    before = dict(rows(toy, NAMES))

    result = run(toy, identity, batch_size=50, adaptive=False)

    assert dict(rows(toy, NAMES)) == {key: name.upper() for key, name in before.items()}
    assert (result.status, result.changed, result.failed, result.batches) == (
        "completed",
        242,
        0,
        5,
    )
    told = history(toy, identity)
    assert (told.operation, told.target, told.reason) == ("capitals", "names", "a toy")
    assert (told.progress_percent, told.records_total) == (100, 242)
    assert told.parameters["timeout"] == "00:10:00"
    assert told.result == {"capitals": True}
    assert audited(toy, identity) == ["capitals"]


def test_a_repeated_start_reports(toy, identity):
    first = run(toy, identity)
    assert run(toy, identity) == first
    assert len(rows(toy, "SELECT FROM public.etl_execution_history")) == 1


def test_refused_rows_are_failed_records_and_the_rest_is_done(toy, identity):
    toy.execute('ALTER TABLE platform."Symbols" ADD CHECK ("Name" <> \'NAME 200\')')

    result = run(toy, identity)

    assert (result.status, result.changed, result.failed) == ("completed_with_errors", 241, 1)
    assert rows(
        toy,
        "SELECT (key ->> 'Id')::int, sqlstate FROM etl.failed_record WHERE execution_id = %s",
        identity,
    ) == [(200, "23514")]


def test_it_is_undone_by_its_change_log(toy, identity):
    before = rows(toy, NAMES)
    run(toy, identity)

    undone = call(toy, "rollback_operation", execution_id=identity)

    assert (undone.status, undone.changed) == ("completed", 242)
    assert rows(toy, NAMES) == before
    assert history(toy, identity).status == "rolled_back"
    undo = history(toy, undone.rollback_id)
    assert (undo.operation, undo.subject_execution_id, undo.parent_execution_id) == (
        "undo",
        identity,
        None,
    )


def test_pause_join_and_resume(under_way, session):
    db, identity, future = under_way
    with in_background(call, session(), "join_operation", execution_id=identity) as helper:
        wait_until(lambda: status_of(db, identity).live_workers == 2)
        select(db, "pause_operation", execution_id=identity)
        assert future.result(timeout=60).status == "paused"
        assert helper.result(timeout=60).status == "paused"
    paused = status_of(db, identity)
    assert 0 < paused.records_changed < 242
    assert "CALL etl.resume_operation" in paused.hint
    with raises("ME001", "another operation is paused on target names"):
        run(db, uuid.uuid4())

    done = call(db, "resume_operation", execution_id=identity)

    assert (done.status, done.changed) == ("completed", 242)
    assert audited(db, identity) == ["capitals", "join", "pause", "resume"]


def test_cancel_and_what_was_done_is_undone(under_way):
    db, identity, future = under_way
    select(db, "cancel_operation", execution_id=identity)
    with raises("ME012"):
        future.result(timeout=60)
    changed = history(db, identity).records_changed

    assert call(db, "rollback_operation", execution_id=identity).changed == changed
    assert [name for _, name in rows(db, NAMES) if name.isupper()] == []


def test_limits_are_tuned_and_told(under_way):
    db, identity, _ = under_way
    wait_until(lambda: status_of(db, identity).waiting_for == "pause between batches")
    tuned = select(db, "tune_operation", execution_id=identity, pause_between_batches="1 hour")
    assert [(t.setting, t.old_value, t.new_value) for t in tuned] == [
        ("pause_between_batches", "00:00:00.1", "01:00:00")
    ]


def test_a_worker_that_dies_leaves_it_resumable(under_way):
    db, identity, future = under_way
    db.execute(
        "SELECT pg_terminate_backend(w.backend_pid) FROM etl.operation_worker w"
        " WHERE w.execution_id = %s",
        (identity,),
    )
    assert future.exception(timeout=60) is not None
    assert status_of(db, identity).status == "interrupted"

    assert call(db, "resume_operation", execution_id=identity).changed == 242


def test_a_dry_run_changes_nothing(toy, identity):
    before = rows(toy, NAMES)
    result = run(toy, identity, dry_run=True)
    assert (result.status, result.changed) == ("completed", 242)
    assert rows(toy, NAMES) == before


def test_who_started_it_is_not_what_it_is_about(toy, identity):
    parent = uuid.uuid4()
    run(toy, parent)
    run(toy, identity, parent)
    told = history(toy, identity)
    assert (told.parent_execution_id, told.subject_execution_id) == (parent, None)
    with raises("ME003", "belongs to another operation"):
        run(toy, identity)

    call(toy, "rollback_operation", execution_id=parent)

    assert history(toy, identity).status == "completed"


def test_a_kind_that_dispatch_does_not_know_is_an_error(toy, identity):
    with pytest.raises(Exception, match="unknown kind of job") as refused:
        one(toy, "SELECT etl._start_operation(%s, 'lottery', 'x', NULL, '{}', NULL)", identity)
    assert refused.value.sqlstate == "ME010"
    run(toy, identity)
    toy.execute(
        "UPDATE public.etl_execution_history SET operation = 'lottery', status = 'rolled_back'"
    )
    toy.execute("ALTER TABLE public.etl_execution_history DISABLE TRIGGER USER")
    toy.execute(
        "UPDATE public.etl_execution_history SET status = 'interrupted', finished_at = NULL"
    )
    with raises("ME010", "unknown kind of job"):
        call(toy, "resume_operation", execution_id=identity)
