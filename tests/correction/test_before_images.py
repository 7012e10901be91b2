"""No row is changed without its before-image, whenever it turns up."""

from __future__ import annotations

import pytest
from sql_support import (
    call,
    changed_by,
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
    wait_until,
)

A_BAR_COMES = """
CREATE FUNCTION a_bar_comes() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
    INSERT INTO public.market_data (id, symbol, timeframe, "timestamp", close)
    VALUES ('00000000-0000-4000-8000-00000000feed', 'AAPL', '1m', '2025-06-01 00:00+00', 100);
    RETURN NULL;
END$$;
CREATE TRIGGER a_bar_comes AFTER UPDATE OF phase ON public.etl_execution_history FOR EACH ROW
    WHEN (new.phase = 'correcting' AND old.phase <> 'correcting') EXECUTE FUNCTION a_bar_comes()
"""
NO_STOCK = (
    "ALTER TABLE market_data ADD CONSTRAINT sane"
    " CHECK (asset_class IS DISTINCT FROM 'STOCK') NOT VALID"
)


@pytest.mark.parametrize("strategy", ["blocks", "index"])
def test_what_comes_when_there_was_nothing_to_do(market, strategy):
    """The measurement met nothing to correct; the sweep does."""
    if strategy == "index":
        market.execute("CREATE INDEX ON market_data (asset_class)")
        market.execute("SET random_page_cost = 0; SET cpu_index_tuple_cost = 0")
    correct(market)
    assert correct(market).changed == 0
    market.execute(A_BAR_COMES)

    result = correct(market)

    known = history(market, result.correction_id)
    assert known.result["strategy"] == strategy
    assert (result.changed, result.status) == (1, "completed")
    assert classes(market) == expected_classes(market)
    assert one(market, f"SELECT count(*) FROM {result.backup_table}") == 1
    assert rollback(market, result.correction_id).changed == 1
    assert classes(market)["00000000-0000-4000-8000-00000000feed"] is None


def test_where_nothing_was_to_be_done_no_table_stays(market):
    correct(market)
    result = correct(market)
    assert (result.changed, result.backup_table) == (0, None)
    assert len(select(market, "list_backups")) == 1


def test_a_retry_of_a_correction_all_of_whose_rows_were_refused(market):
    market.execute(NO_STOCK)
    before = classes(market)
    result = correct(market, target_symbols=["AAPL"])
    assert (result.changed, result.failed) == (0, 10)
    market.execute("ALTER TABLE market_data DROP CONSTRAINT sane")

    cured = call(market, "retry_failed_records", correction_id=result.correction_id)

    assert (cured.changed, cured.failed) == (10, 0)
    assert one(market, f"SELECT count(*) FROM {cured.backup_table}") == 10
    assert rollback(market, result.correction_id).changed == 10
    assert classes(market) == before


def test_no_retry_without_the_backup(market):
    market.execute("UPDATE market_data SET asset_class = NULL WHERE asset_class <> 'STOCK'")
    market.execute(NO_STOCK)
    result = correct(market)
    assert result.failed > 0
    assert result.changed > 0
    call(market, "purge_backups", older_than="0", keep_last=0)
    market.execute("ALTER TABLE market_data DROP CONSTRAINT sane")
    before = classes(market)

    with raises("ME007", message="cannot be retried"):
        call(market, "retry_failed_records", correction_id=result.correction_id)

    assert classes(market) == before
    still_open = "SELECT count(*) FROM etl.failed_record WHERE resolved_at IS NULL"
    assert one(market, still_open) == result.failed
    assert correct(market).changed == result.failed


@pytest.mark.parametrize("job", ["correction", "rollback"])
def test_no_resume_without_the_backup(large_market, session, job):
    """What was cancelled and whose backup was purged is at its end."""
    market = large_market
    if job == "correction":
        work, arguments = correct, {}
    else:
        work, arguments = rollback, {"correction_id": correct(market).correction_id}
    slowly = {"batch_size": 100, "adaptive": False, "pause_between_batches": "100 ms"}
    running = "SELECT execution_id FROM public.etl_execution_history WHERE status = 'running'"
    with in_background(work, session(), **arguments, **slowly) as future:
        wait_until(lambda: rows(market, running + " AND records_changed > 0") != [])
        select(market, "cancel_operation", execution_id=one(market, running))
        assert future.exception(timeout=120).sqlstate == "ME012"
    newest = (
        "SELECT execution_id FROM public.etl_execution_history ORDER BY started_at DESC LIMIT 1"
    )
    stopped = one(market, newest)
    call(market, "purge_backups", older_than="0", keep_last=0)
    before, analyses = classes(market), one(market, "SELECT count(*) FROM etl.analysis")

    with raises("ME007", message="cannot be resumed"):
        call(market, "resume_correction", correction_id=stopped)

    assert history(market, stopped).status == "cancelled"
    assert classes(market) == before
    assert one(market, "SELECT count(*) FROM etl.analysis") == analyses


def test_retried_before_it_is_resumed(large_market):
    """The proof counts what the retry changed, and no batch number is given twice."""
    market = large_market
    market.execute(
        "ALTER TABLE market_data ADD CONSTRAINT sane"
        " CHECK (asset_class IS NULL OR timeframe = '1D') NOT VALID"
    )
    before = classes(market)
    with raises("ME009"):
        correct(market, batch_size=500, adaptive=False)
    correction_id = one(market, "SELECT execution_id FROM public.etl_execution_history")
    market.execute("ALTER TABLE market_data DROP CONSTRAINT sane")
    retried = call(market, "retry_failed_records", correction_id=correction_id)
    assert retried.changed > 100

    resumed = call(market, "resume_correction", correction_id=correction_id)

    assert resumed.status == "completed"
    assert classes(market) == expected_classes(market)
    numbers = [number for (number,) in rows(market, "SELECT batch_number FROM etl.operation_batch")]
    assert len(numbers) == len(set(numbers))
    known = history(market, correction_id)
    assert known.records_changed == one(market, f"SELECT count(*) FROM {known.backup_table}")
    assert known.records_changed == len(changed_by(before, expected_classes(market)))
    assert rollback(market, correction_id).changed == known.records_changed
    assert classes(market) == before


def test_a_deferred_check_refuses_rows_like_any_other(market):
    """At COMMIT it would be too late to tell which."""
    market.execute(
        "CREATE TABLE class (name varchar(20) PRIMARY KEY);"
        "UPDATE market_data SET asset_class = NULL;"
        "INSERT INTO class SELECT DISTINCT asset_class FROM symbols"
        " WHERE asset_class <> 'STOCK';"
        "ALTER TABLE market_data ADD FOREIGN KEY (asset_class) REFERENCES class"
        " DEFERRABLE INITIALLY DEFERRED"
    )
    expected = expected_classes(market)

    result = correct(market, batch_size=7, adaptive=False)

    assert result.status == "completed_with_errors"
    assert result.failed == list(expected.values()).count("STOCK")
    assert classes(market) == {
        key: None if value == "STOCK" else value for key, value in expected.items()
    }
    codes = "SELECT DISTINCT sqlstate FROM etl.failed_record"
    assert rows(market, codes) == [("23503",)]


def test_a_row_is_a_failed_record_once_whatever_the_time_zone(db):
    """Its key holds a time."""
    db.execute(
        "CREATE TABLE symbols (ticker text, asset_class text);"
        "INSERT INTO symbols VALUES ('AAPL', 'STOCK');"
        "CREATE TABLE market_data (symbol text, at timestamptz, asset_class text,"
        " PRIMARY KEY (symbol, at),"
        " CHECK (at <> '2025-01-01 05:00+00' OR asset_class IS NULL));"
        "INSERT INTO market_data SELECT 'AAPL', timestamptz '2025-01-01 00:00+00'"
        " + hour * interval '1 hour' FROM generate_series(0, 23) hour;"
        "SET timezone = 'Asia/Tokyo'"
    )
    identity = correct(db, batch_size=5, adaptive=False).correction_id
    db.execute("SET timezone = 'America/New_York'")

    again = call(db, "retry_failed_records", correction_id=identity)

    assert (again.changed, again.failed) == (0, 1)
    assert rows(db, "SELECT key ->> 'at', attempts FROM etl.failed_record") == [
        ("2025-01-01T05:00:00+00:00", 2)
    ]
    assert history(db, identity).records_failed == 1


def test_a_key_with_null_in_it_is_taken_back(db):
    """The row is found by its place."""
    db.execute(
        "CREATE TABLE symbols (ticker text, asset_class text);"
        "INSERT INTO symbols VALUES ('AAPL', 'STOCK');"
        "CREATE TABLE bars (symbol text NOT NULL, venue text, asset_class text);"
        "INSERT INTO bars VALUES ('AAPL', NULL), ('AAPL', 'XNAS')"
    )
    columns = {"key_columns": ["symbol", "venue"], "value_column": "asset_class"}
    tables = {"fact_table": "bars", "dimension_table": "symbols", "match_column": "symbol"}
    columns["dimension_match_column"] = "ticker"
    call(db, "register_target", target="bars", **tables, **columns)
    result = correct(db, target="bars")
    assert rows(db, "SELECT DISTINCT asset_class FROM bars") == [("STOCK",)]

    undone = rollback(db, result.correction_id)

    assert (undone.status, undone.changed) == ("completed", 2)
    assert rows(db, "SELECT DISTINCT asset_class FROM bars") == [(None,)]


def test_the_age_of_row_versions(db):
    """In transactions; those of frozen rows seem to be to come after two billion."""

    def settled(age):
        condition = one(db, "SELECT etl._settled_condition('10')")
        return one(db, f"SELECT {condition.replace('age(m.xmin)', str(age))}")

    ages = {
        2**31 - 1: True,
        11: True,
        10: False,
        0: False,
        -3: False,
        -(2**31): True,
        -(10**9): True,
    }
    assert {age: settled(age) for age in ages} == ages
