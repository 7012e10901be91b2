"""Start, join, pause, cancel, tune, time out, resume: what each does, from any session."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sql_support import (
    call,
    classes,
    correct,
    expected_classes,
    history,
    in_background,
    one,
    raises,
    rollback,
    rows,
    select,
    select_one,
    wait_until,
)

SLOWLY = {"batch_size": 100, "adaptive": False, "pause_between_batches": "1 s"}
"""Takes a minute, or until it is told to hurry: so long it can be met on its way."""
HURRY = {"pause_between_batches": "0"}


def batches_of_all(db, execution_id, workers):
    """Tell whether each of so many workers has done a batch."""
    query = (
        "SELECT count(DISTINCT worker_number) FROM etl.operation_batch"
        " WHERE execution_id = %s AND changed > 0"
    )
    return one(db, query, execution_id) == workers


def batches_done(db, execution_id):
    return one(db, "SELECT count(*) FROM etl.operation_batch WHERE execution_id = %s", execution_id)


def status_of(db, execution_id):
    return select_one(db, "correction_status", correction_id=execution_id)


@pytest.fixture
def identity():
    return uuid.uuid4()


@pytest.fixture
def under_way(long_market, session, identity):
    """A correction that runs in another session: (db, its id, its future result)."""
    worker = session()
    with in_background(correct, worker, correction_id=identity, **SLOWLY) as future:
        try:
            wait_until(lambda: batches_done(long_market, identity) >= 1)
            yield long_market, identity, future
        finally:
            if not future.done():
                select(long_market, "cancel_operation", execution_id=identity)
                future.exception(timeout=120)


def test_progress_is_seen_from_another_session(under_way):
    db, identity, _ = under_way
    first = status_of(db, identity)
    wait_until(lambda: batches_done(db, identity) > first.batches_processed)
    second = status_of(db, identity)

    assert (first.status, first.live_workers, first.phase) == ("running", 1, "correcting")
    assert 0 < first.progress_percent < 100
    assert first.records_total == 6030
    assert second.records_changed >= first.records_changed > 0
    assert second.progress_percent > first.progress_percent
    assert one(db, f"SELECT count(*) FROM {first.backup_table}") >= first.records_changed


def test_pause_and_resume(under_way):
    db, identity, future = under_way

    asked = select_one(db, "pause_operation", execution_id=identity, reason="lunch")
    paused = future.result(timeout=120)

    assert asked.status == "running"
    assert paused.status == "paused"
    assert 0 < paused.changed < 6030
    assert status_of(db, identity).live_workers == 0
    with raises("ME001"):
        correct(db)
    with raises("ME001"):
        rollback(db, identity)
    assert call(db, "join_correction", correction_id=identity).status == "paused"
    select(db, "tune_operation", execution_id=identity, pause_between_batches="0", batch_size=5000)

    done = call(db, "resume_correction", correction_id=identity)

    assert (done.status, done.changed) == ("completed", 6030)
    assert classes(db) == expected_classes(db)
    assert actions(db, identity) == ["correction", "pause", "tune", "resume"]


def test_cancel_frees_the_target_and_can_be_resumed(under_way):
    db, identity, future = under_way

    select(db, "cancel_operation", execution_id=identity, reason="market opens")
    error = future.exception(timeout=120)

    assert error.sqlstate == "ME012"
    assert "market opens" in str(error)
    row = history(db, identity)
    assert (row.status, row.error_code) == ("cancelled", "ME012")
    assert 0 < row.records_changed < 6030
    with raises("ME012"):
        call(db, "join_correction", correction_id=identity)
    assert correct(db, target_symbols=["AAPL"], max_records_to_process=10).changed == 10
    select(db, "tune_operation", execution_id=identity, pause_between_batches="0")

    done = call(db, "resume_correction", correction_id=identity)

    assert done.status == "completed"
    assert done.changed == 6020
    assert classes(db) == expected_classes(db)


def test_a_paused_operation_can_be_cancelled(under_way):
    db, identity, future = under_way
    select(db, "pause_operation", execution_id=identity)
    future.result(timeout=120)

    answer = select_one(db, "cancel_operation", execution_id=identity)

    assert answer.status == "cancelled"
    assert correct(db).status == "completed"


def test_tuning_takes_effect_with_the_next_batch(under_way):
    db, identity, future = under_way

    changed = select(
        db,
        "tune_operation",
        execution_id=identity,
        batch_size=3000,
        pause_between_batches="0",
        timeout="3 hours",
        reason="quiet hour",
    )

    assert {row.setting: (row.old_value, row.new_value) for row in changed} == {
        "batch_size": ("100", "3000"),
        "pause_between_batches": ("00:00:01", "00:00:00"),
        "timeout": ("02:00:00", "03:00:00"),
    }
    assert future.result(timeout=120).status == "completed"
    sizes = rows(
        db,
        "SELECT rows_expected FROM etl.operation_batch WHERE execution_id = %s"
        " ORDER BY batch_number",
        identity,
    )
    assert sizes[0][0] < 300
    assert max(size for (size,) in sizes) > 1000
    ((reason, before, after),) = rows(
        db, "SELECT reason, before, after FROM etl.audit_log WHERE action = 'tune'"
    )
    assert (reason, before["batch_size"], after["batch_size"]) == ("quiet hour", 100, 3000)


@pytest.mark.parametrize(
    "setting",
    [{"batch_size": 0}, {"max_error_rate": 101}, {"timeout": "0"}, {"lock_timeout": "1 day"}],
    ids=str,
)
def test_tuning_is_checked(calm_market, setting):
    identity = one(calm_market, "SELECT execution_id FROM public.etl_execution_history")
    with raises("ME003"):
        select(calm_market, "tune_operation", execution_id=identity, **setting)
    assert rows(calm_market, "SELECT FROM etl.audit_log WHERE action = 'tune'") == []


def test_more_sessions_join_and_leave(under_way, session):
    db, identity, future = under_way
    helpers = [session(), session()]
    with (
        in_background(call, helpers[0], "join_correction", correction_id=identity) as first,
        in_background(call, helpers[1], "resume_correction", correction_id=identity) as second,
    ):
        wait_until(lambda: batches_of_all(db, identity, 3))
        assert status_of(db, identity).live_workers == 3
        select(db, "tune_operation", execution_id=identity, **HURRY)
        results = [f.result(timeout=120) for f in (future, first, second)]

    assert {result.status for result in results} == {"completed"}
    assert {result.changed for result in results} == {6030}
    assert classes(db) == expected_classes(db)
    workers = dict(
        rows(
            db,
            "SELECT worker_number, sum(changed) FROM etl.operation_batch WHERE execution_id = %s"
            " GROUP BY worker_number",
            identity,
        )
    )
    assert workers.keys() == {1, 2, 3}
    assert sum(workers.values()) == 6030
    backup = results[0].backup_table
    assert one(db, f"SELECT count(DISTINCT id) FROM {backup}") == 6030
    assert actions(db, identity) == ["correction", "join", "join", "tune"]


def test_a_limit_is_exact_with_two_sessions(long_market, session, identity):
    options = SLOWLY | {"max_records_to_process": 1777}
    with in_background(correct, session(), correction_id=identity, **options) as first:
        wait_until(lambda: batches_done(long_market, identity) >= 1)
        helper = session()
        with in_background(call, helper, "join_correction", correction_id=identity) as second:
            wait_until(lambda: batches_of_all(long_market, identity, 2))
            select(long_market, "tune_operation", execution_id=identity, **HURRY)

    assert first.result().changed == second.result().changed == 1777
    filled = (
        "SELECT count(*) FROM market_data WHERE symbol IN ('AAPL', 'MSFT', 'KO')"
        " AND asset_class = 'STOCK'"
    )
    assert one(long_market, filled) == 1777
    assert one(long_market, f"SELECT count(*) FROM {second.result().backup_table}") == 1777
    workers = "SELECT count(DISTINCT worker_number) FROM etl.operation_batch WHERE changed > 0"
    assert one(long_market, workers) == 2


def test_it_times_out_between_batches_and_goes_on(under_way):
    long_market, identity, future = under_way
    select(long_market, "tune_operation", execution_id=identity, timeout="1 s")
    with raises("ME011") as caught:
        future.result(timeout=120)
    assert str(identity) in caught.value.diag.message_hint
    row = history(long_market, identity)
    assert (row.status, row.error_code) == ("timed_out", "ME011")
    assert row.finished_at - row.started_at >= timedelta(seconds=1)
    assert 0 < row.records_changed < 6030

    select(long_market, "tune_operation", execution_id=identity, pause_between_batches="0")
    done = call(long_market, "resume_correction", correction_id=identity, timeout="5 minutes")

    assert (done.status, done.changed) == ("completed", 6030)
    assert history(long_market, identity).error_code is None


def test_a_rollback_is_controlled_the_same_way(long_market, session):
    before = classes(long_market)
    correction = correct(long_market)
    identity = uuid.uuid4()
    with in_background(
        rollback, session(), correction.correction_id, rollback_id=identity, **SLOWLY
    ) as future:
        wait_until(lambda: batches_done(long_market, identity) >= 1)
        select(long_market, "cancel_operation", execution_id=identity)
        assert future.exception(timeout=120).sqlstate == "ME012"
    assert 0 < history(long_market, identity).records_changed < 6030
    select(long_market, "tune_operation", execution_id=identity, pause_between_batches="0")

    with in_background(call, session(), "resume_correction", correction_id=identity) as future:
        done = call(long_market, "resume_correction", correction_id=identity)

    assert (done.status, done.changed) == ("completed", 6030)
    assert future.result().status == "completed"
    assert classes(long_market) == before
    assert history(long_market, correction.correction_id).status == "rolled_back"


@pytest.mark.parametrize("procedure", ["resume_correction", "join_correction"])
def test_what_has_ended_is_reported_only(market, procedure):
    result = correct(market)
    versions = rows(market, "SELECT xmin::text FROM market_data")
    again = call(market, procedure, correction_id=result.correction_id)
    assert again[1:] == result[1:]
    assert rows(market, "SELECT xmin::text FROM market_data") == versions


def test_a_worker_claims_nothing_of_a_phase_that_it_does_not_know(under_way):
    """The pass may be planned between its looking at the operation and its claiming of a batch."""
    db, identity, future = under_way
    select(db, "pause_operation", execution_id=identity)
    future.result(timeout=120)
    claim = """
        SELECT (b.claim).chunk_number, (b.claim).is_pass_done
          FROM etl_execution_history h
          JOIN etl.operation_control c USING (execution_id)
          JOIN etl.operation_worker w USING (execution_id)
         CROSS JOIN LATERAL (SELECT etl._claim_batch(
                   h, jsonb_populate_record(c, jsonb_build_object(
                          'phase_started_at', c.phase_started_at + %s * interval '1 s')),
                   w) AS claim) b
         WHERE h.execution_id = %s
    """
    assert rows(db, claim, -1, identity) == [(None, False)]
    ((chunk, is_pass_done),) = rows(db, claim, 0, identity)
    assert (chunk >= 1, is_pass_done) == (True, False)


@pytest.mark.parametrize("function", ["cancel_operation", "pause_operation"])
def test_nothing_to_stop(market, function):
    identity = correct(market).correction_id
    answer = select_one(market, function, execution_id=identity)
    assert answer.status == "completed"
    assert "nothing to" in answer.message
    assert history(market, identity).status == "completed"


@pytest.mark.parametrize("operation", ["correction", "rollback", "purge", "retry"])
def test_a_start_can_be_repeated(market, identity, operation):
    """With an id of the caller's own: the second start reports the first."""
    if operation != "correction":
        market.execute(
            "ALTER TABLE market_data ADD CHECK (close < 110 OR asset_class IS NULL"
            " OR asset_class <> 'STOCK') NOT VALID"
        )
        parent = correct(market).correction_id
    start = {
        "correction": lambda: correct(market, correction_id=identity),
        "rollback": lambda: rollback(market, parent, rollback_id=identity),
        "purge": lambda: call(
            market, "purge_backups", older_than="0", keep_last=0, purge_id=identity
        ),
        "retry": lambda: call(
            market, "retry_failed_records", correction_id=parent, retry_id=identity
        ),
    }[operation]

    first = start()
    versions = rows(market, "SELECT xmin::text FROM market_data")
    second = start()

    assert first == second
    assert rows(market, "SELECT xmin::text FROM market_data") == versions
    started = "SELECT count(*) FROM public.etl_execution_history WHERE operation = %s"
    assert one(market, started, operation) == 1


def test_an_id_of_another_job_is_refused(market, identity):
    correct(market, correction_id=identity)
    with raises("ME003"):
        rollback(market, identity, rollback_id=identity)


def test_a_start_with_the_id_of_a_running_operation_joins_it(under_way, session):
    db, identity, future = under_way
    with in_background(correct, session(), correction_id=identity, batch_size=1) as second:
        wait_until(lambda: batches_of_all(db, identity, 2))
        select(db, "tune_operation", execution_id=identity, **HURRY)
    result = second.result()
    assert result == future.result(timeout=120)
    assert (result.status, result.changed) == ("completed", 6030)
    assert history(db, identity).parameters["batch_size"] == 100


def actions(db, execution_id):
    return [
        action
        for (action,) in rows(
            db,
            "SELECT action FROM etl.audit_log WHERE execution_id = %s ORDER BY audit_id",
            execution_id,
        )
    ]
