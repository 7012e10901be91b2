"""The history of operations and the audit log: legal changes only, nothing forgotten."""

from __future__ import annotations

import pytest
from sql_support import call, correct, history, one, raises, rollback, rows, select

NEXT = {
    "running": {
        "paused",
        "completed",
        "completed_with_errors",
        "failed",
        "cancelled",
        "timed_out",
        "interrupted",
    },
    "paused": {"running", "cancelled"},
    "interrupted": {"running", "cancelled", "rolled_back", "partially_rolled_back"},
    "failed": {"running", "rolled_back", "partially_rolled_back"},
    "cancelled": {"running", "rolled_back", "partially_rolled_back"},
    "timed_out": {"running", "rolled_back", "partially_rolled_back"},
    "completed": {"rolled_back", "partially_rolled_back"},
    "completed_with_errors": {"completed", "rolled_back", "partially_rolled_back"},
    "partially_rolled_back": {"rolled_back"},
    "rolled_back": set(),
}
"""The life cycle of an operation: what may follow what."""

OPEN = {"running", "paused", "interrupted"}


def insert(db, status):
    return one(
        db,
        "INSERT INTO public.etl_execution_history (execution_id, operation, target, status,"
        " progress_percent, error_code, finished_at, library_version)"
        " VALUES (gen_random_uuid(), 'correction', 'bars', %s, 100, 'ME000', %s, '0')"
        " RETURNING execution_id",
        status,
        None if status in OPEN else "now",
    )


def move(db, execution_id, status):
    db.execute(
        "UPDATE public.etl_execution_history SET status = %s, finished_at = %s"
        " WHERE execution_id = %s",
        (status, None if status in OPEN else "now", execution_id),
    )


@pytest.mark.parametrize("status", NEXT)
def test_only_legal_changes_of_status(calm_market, status):
    for following in NEXT:
        execution_id = insert(calm_market, status)
        if following in NEXT[status] | {status}:
            move(calm_market, execution_id, following)
            assert history(calm_market, execution_id).status == following
        else:
            with raises("23514"):
                move(calm_market, execution_id, following)
            assert history(calm_market, execution_id).status == status
        calm_market.execute("DELETE FROM public.etl_execution_history WHERE target = 'bars'")


IMPOSSIBLE = {
    "a status of its own": "status = 'done'",
    "ended without a time": "status = 'completed', progress_percent = 100, finished_at = NULL",
    "running with a time": "finished_at = now()",
    "failed without a reason": "status = 'failed', finished_at = now(), error_code = NULL",
    "completed half way": "status = 'completed', finished_at = now(), progress_percent = 50",
    "more than all": "progress_percent = 101",
    "negative": "records_changed = -1",
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_status_and_columns_fit(calm_market, case):
    execution_id = insert(calm_market, "running")
    with raises("23514"):
        calm_market.execute(
            f"UPDATE public.etl_execution_history SET {IMPOSSIBLE[case]} WHERE target = 'bars'"
        )
    assert history(calm_market, execution_id).status == "running"
    calm_market.execute("DELETE FROM public.etl_execution_history WHERE target = 'bars'")


def test_the_run_guard_is_an_index(db):
    insert(db, "running")
    with raises("23505"):
        insert(db, "paused")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE etl.audit_log SET actor = 'nobody'",
        "DELETE FROM etl.audit_log",
        "TRUNCATE etl.audit_log",
    ],
)
def test_the_audit_log_only_grows(calm_market, statement):
    before = rows(calm_market, "SELECT * FROM etl.audit_log")
    with raises("42501"):
        calm_market.execute(statement)
    assert rows(calm_market, "SELECT * FROM etl.audit_log") == before != []


def test_everything_is_audited_with_who_and_why(market, login):
    admin = login("etl_admin")
    admin.execute("SET application_name = 'psql at the desk'")
    correction = correct(admin, reason="nightly")
    select(admin, "tune_operation", execution_id=correction.correction_id, batch_size=5)
    rollback(admin, correction.correction_id, reason="wrong")
    call(admin, "purge_backups", older_than="0", keep_last=0)

    audited = rows(
        market,
        "SELECT action, target, reason, actor, application_name FROM etl.audit_log"
        " WHERE application_name = 'psql at the desk' ORDER BY audit_id",
    )

    who = (admin.info.user, "psql at the desk")
    assert audited == [
        ("register_target", "market_data", None, *who),
        ("correction", "market_data", "nightly", *who),
        ("tune", "market_data", None, *who),
        ("rollback", "market_data", "wrong", *who),
        ("purge", "backups", None, *who),
        ("purge", "market_data", None, *who),
    ]


def test_the_history_is_listed_newest_first(market):
    correction = correct(market)
    undone = rollback(market, correction.correction_id)
    correct(market, target_symbols=["KO"])

    listed = select(market, "execution_history")

    assert [(row.operation, row.status) for row in listed] == [
        ("correction", "completed"),
        ("rollback", "completed"),
        ("correction", "rolled_back"),
    ]
    assert [
        row.execution_id for row in select(market, "execution_history", operation="rollback")
    ] == [undone.rollback_id]
    assert len(select(market, "execution_history", max_rows=2)) == 2
    assert select(market, "execution_history", target="nowhere") == []


def test_every_change_of_a_setting_is_audited(market, login):
    admin = login("etl_admin")
    before = one(market, "SELECT to_jsonb(t) FROM etl.threshold t WHERE threshold = 'error_rate'")
    admin.execute("UPDATE etl.threshold SET limit_value = 7 WHERE threshold = 'error_rate'")
    admin.execute("UPDATE etl.threshold SET limit_value = 7 WHERE threshold = 'error_rate'")
    admin.execute("INSERT INTO etl.venue (venue, kind) VALUES ('MY_FLOOR', 'stock')")
    admin.execute("DELETE FROM etl.venue WHERE venue = 'MY_FLOOR'")
    admin.execute("DELETE FROM etl.venue WHERE venue = 'MY_FLOOR'")

    audited = rows(
        market,
        "SELECT action, target, before, after FROM etl.audit_log"
        " WHERE actor = %s ORDER BY audit_id",
        admin.info.user,
    )

    assert [(action, target) for action, target, *_ in audited] == [
        ("update", "etl.threshold"),
        ("insert", "etl.venue"),
        ("delete", "etl.venue"),
    ]
    assert audited[0][2:] == ([before], [before | {"limit_value": 7}])
    assert audited[1][2] is None
    assert audited[1][3][0]["venue"] == "MY_FLOOR"
    assert audited[2][2] == audited[1][3]


def test_the_cause_of_an_error_tells_what_to_do_to_the_very_end(market):
    market.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'the vault is closed' USING ERRCODE = '57P03',"
        " DETAIL = 'It opens at nine.', HINT = 'Ask the keeper.'; END $$;"
        "CREATE TRIGGER refuse BEFORE UPDATE ON market_data FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    with raises("57P03", "the vault is closed") as refused:
        correct(market)
    diag = refused.value.diag
    assert diag.message_detail.startswith("It opens at nine. The correction ")
    assert diag.message_hint.startswith("Ask the keeper. Go on: CALL etl.resume_operation(")

    (told,) = select(market, "execution_history")
    assert (told.error_message, told.error_detail, told.error_hint) == (
        "the vault is closed",
        "It opens at nine.",
        "Ask the keeper.",
    )
    (status,) = select(market, "operation_status")
    assert status.hint.startswith("Ask the keeper. go on: CALL etl.resume_operation(")
    market.execute("DROP TRIGGER refuse ON market_data")

    done = call(market, "resume_operation", execution_id=told.execution_id)

    assert done.status == "completed"
    after = history(market, told.execution_id)
    assert (after.error_code, after.error_detail, after.error_hint) == (None, None, None)
