"""Every error code of the contract is raised, with its numbers and the command that helps."""

from __future__ import annotations

import re
import uuid

import pytest
from sql_support import call, correct, in_background, one, raises, rollback, select, wait_until

from mytrader_etl.deployment import sources

SLOWLY = {"batch_size": 1, "adaptive": False, "pause_between_batches": "1 hour"}


def operation_running(db, session):
    identity = uuid.uuid4()
    with in_background(correct, session(), correction_id=identity, **SLOWLY) as future:
        wait_until(lambda: one(db, "SELECT count(*) FROM etl.operation_batch") == 1)
        try:
            correct(db)
        finally:
            select(db, "cancel_operation", execution_id=identity)
            future.exception(timeout=120)


def unknown_operation(db, session):
    call(db, "resume_correction", correction_id=uuid.uuid4())


def invalid_option(db, session):
    correct(db, batch_size=0)


def target_not_registered(db, session):
    correct(db, target="nowhere")


def cannot_be_rolled_back(db, session):
    rollback(db, correct(db, dry_run=True).correction_id)


def conflicts(db, session):
    result = correct(db)
    db.execute("UPDATE market_data SET asset_class = 'ETF' WHERE symbol = 'AAPL'")
    rollback(db, result.correction_id, on_conflict="abort")


def backup_missing(db, session):
    result = correct(db)
    db.execute(f"DROP TABLE {result.backup_table}")
    rollback(db, result.correction_id)


def preflight_refused(db, session):
    db.execute("SET statement_timeout = '1 min'")
    correct(db)


def error_rate(db, session):
    db.execute("ALTER TABLE market_data ADD CHECK (asset_class <> 'STOCK') NOT VALID")
    correct(db, max_error_rate=0)


def version_mismatch(db, session):
    db.execute("SELECT etl.require_version('0.0.1')")


def timed_out(db, session):
    correct(db, timeout="1 s", batch_size=1, adaptive=False, pause_between_batches="2 s")


def cancelled(db, session):
    identity = uuid.uuid4()
    with in_background(correct, session(), correction_id=identity, **SLOWLY) as future:
        wait_until(lambda: one(db, "SELECT count(*) FROM etl.operation_batch") == 1)
        select(db, "cancel_operation", execution_id=identity)
        future.result(timeout=120)


PROVOCATIONS = {
    "ME001": operation_running,
    "ME002": unknown_operation,
    "ME003": invalid_option,
    "ME004": target_not_registered,
    "ME005": cannot_be_rolled_back,
    "ME006": conflicts,
    "ME007": backup_missing,
    "ME008": preflight_refused,
    "ME009": error_rate,
    "ME010": version_mismatch,
    "ME011": timed_out,
    "ME012": cancelled,
}
OWN_USE = "ME000"
"""Never leaves the routine that raises it."""


@pytest.mark.parametrize("code", PROVOCATIONS)
def test_it_is_raised_with_detail_and_hint(market, session, code):
    with raises(code) as caught:
        PROVOCATIONS[code](market, session)
    assert caught.value.diag.message_primary
    assert market.info.transaction_status.name == "IDLE"


def test_these_are_all_codes_that_the_routines_raise():
    raised = {
        code for routine in sources.routines() for code in re.findall(r"'(ME\d{3})'", routine.text)
    }
    assert raised - {OWN_USE} == PROVOCATIONS.keys()


def statements_that_raise(text):
    """Yield every RAISE EXCEPTION of a source text up to its semicolon."""
    for found in re.finditer(r"RAISE EXCEPTION\b((?:'(?:[^']|'')*'|[^;'])*);", text):
        yield found.group()


@pytest.mark.parametrize("routine", sources.routines(), ids=lambda routine: routine.name)
def test_every_error_bears_code_detail_and_hint(routine):
    for statement in statements_that_raise(routine.text):
        if OWN_USE in statement:
            continue
        for part in ("ERRCODE", "DETAIL", "HINT"):
            assert re.search(rf"\b{part} =", statement), statement


UNKNOWN_ID = [
    ("CALL", "join_correction", "correction_id"),
    ("CALL", "resume_correction", "correction_id"),
    ("CALL", "rollback_correction", "correction_id"),
    ("CALL", "retry_failed_records", "correction_id"),
    ("SELECT", "correction_status", "correction_id"),
    ("SELECT", "validate_corrections", "correction_id"),
    ("SELECT", "cancel_operation", "execution_id"),
    ("SELECT", "pause_operation", "execution_id"),
    ("SELECT", "tune_operation", "execution_id"),
    ("SELECT", "rollback_outcomes", "rollback_id"),
]


@pytest.mark.parametrize(("verb", "routine", "parameter"), UNKNOWN_ID)
def test_an_unknown_id_is_told_by_every_routine(calm_market, verb, routine, parameter):
    with raises("ME002") as caught:
        (call if verb == "CALL" else select)(calm_market, routine, **{parameter: uuid.uuid4()})
    assert "etl.list_backups" in caught.value.diag.message_hint or (
        "etl.execution_history" in caught.value.diag.message_hint
    )


OPTIONS = [
    {"batch_size": 0},
    {"batch_size": 10_000_001},
    {"batch_size": None},
    {"max_concurrency": 0},
    {"max_records_to_process": 0},
    {"max_retries": -1},
    {"max_error_rate": 101},
    {"target_batch_time": "1 ms"},
    {"timeout": "0"},
    {"lock_timeout": "0"},
    {"pause_between_batches": "-1 s"},
    {"pause_between_batches": None},
    {"max_replica_lag": "0"},
    {"max_slot_lag": "much"},
    {"max_slot_lag": "1 kB"},
    {"max_wal_rate": "0"},
    {"max_wal_rate": "-1 MB"},
    {"max_duty_cycle": 0},
    {"max_duty_cycle": 101},
    {"max_dead_rows": 0},
    {"max_dead_rows": 101},
    {"max_snapshot_age": "0"},
    {"allowed_hours": ""},
    {"allowed_hours": "at night"},
    {"allowed_hours": "22:00-25:00"},
    {"allowed_hours": "22:00-22:00"},
    {"allowed_hours": "22:00-06:00 Nowhere/Land"},
    {"dry_run": None},
    {"adaptive": None},
    {"target_symbols": []},
    {"overwrite_existing_values": True},
]


@pytest.mark.parametrize("option", OPTIONS, ids=str)
def test_every_option_is_checked(calm_market, option):
    with raises("ME003") as caught:
        correct(calm_market, **option)
    text = f"{caught.value} {caught.value.diag.message_detail}"
    assert next(iter(option)) in text
    assert one(calm_market, "SELECT count(*) FROM public.etl_execution_history") == 1


@pytest.mark.parametrize(
    "option",
    [{"on_conflict": "ask"}, {"on_conflict": None}, {"batch_numbers": []}, {"batch_size": 0}],
    ids=str,
)
def test_options_of_a_rollback_are_checked(calm_market, option):
    correction_id = one(calm_market, "SELECT execution_id FROM public.etl_execution_history")
    with raises("ME003"):
        rollback(calm_market, correction_id, **option)
    assert one(calm_market, "SELECT count(*) FROM public.etl_execution_history") == 1
