"""Rows that the table refuses: they alone become failed records, and can be tried again."""

from __future__ import annotations

import pytest
from sql_support import (
    add_blank_bars,
    call,
    classes,
    correct,
    expected_classes,
    history,
    one,
    raises,
    rollback,
    rows,
    select,
)

TRIGGER = """
CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {} RETURN new; END$$;
CREATE TRIGGER meddle BEFORE UPDATE ON market_data FOR EACH ROW
    WHEN (old.close > 109) EXECUTE FUNCTION meddle()"""
DROP_TRIGGER = "DROP TRIGGER meddle ON market_data"

REFUSALS = {
    "check": (
        "23514",
        "ALTER TABLE market_data ADD CONSTRAINT sane CHECK (close < 109 OR asset_class IS NULL"
        " OR asset_class <> 'STOCK') NOT VALID",
        "ALTER TABLE market_data DROP CONSTRAINT sane",
    ),
    "trigger that raises": (
        "P0001",
        TRIGGER.format("RAISE 'not this bar';"),
        DROP_TRIGGER,
    ),
    "trigger that alters the value": (
        "27000",
        TRIGGER.format("new.asset_class := lower(new.asset_class);"),
        DROP_TRIGGER,
    ),
    "domain": (
        "23514",
        "UPDATE market_data SET asset_class = NULL WHERE asset_class <> 'STOCK';"
        "CREATE DOMAIN class AS varchar(20);"
        "ALTER TABLE market_data ALTER asset_class TYPE class;"
        "ALTER DOMAIN class ADD CONSTRAINT sane CHECK (VALUE <> 'STOCK') NOT VALID",
        "ALTER DOMAIN class DROP CONSTRAINT sane",
    ),
    "value too long": (
        "22001",
        "UPDATE symbols SET asset_class = 'STOCK_BIST' WHERE ticker = 'KO';"
        "ALTER TABLE market_data ALTER asset_class TYPE varchar(9)",
        "ALTER TABLE market_data ALTER asset_class TYPE varchar(10);"
        "CALL etl.register_target('market_data', 'market_data', replace => true)",
    ),
    "foreign key": (
        "23503",
        "CREATE TABLE class (name varchar(20) PRIMARY KEY);"
        "UPDATE market_data SET asset_class = NULL WHERE asset_class = 'STOCK';"
        "INSERT INTO class SELECT DISTINCT asset_class FROM market_data"
        " WHERE asset_class IS NOT NULL UNION ALL SELECT 'FOREX';"
        "ALTER TABLE market_data ADD FOREIGN KEY (asset_class) REFERENCES class",
        "INSERT INTO class VALUES ('STOCK')",
    ),
}


def open_failures(db, correction_id):
    """Return (SQLSTATE, attempts) of every row among the failed records, by key."""
    return {
        key: (sqlstate, attempts)
        for key, sqlstate, attempts in rows(
            db,
            "SELECT key ->> 'id', sqlstate, attempts FROM etl.failed_record"
            " WHERE execution_id = %s AND resolved_at IS NULL",
            correction_id,
        )
    }


@pytest.mark.parametrize("batch_size", [1, 7, 1000])
@pytest.mark.parametrize("name", REFUSALS)
def test_failed_records_and_retry_after_the_cure(market, name, batch_size):
    sqlstate, fault, cure = REFUSALS[name]
    market.execute(fault)
    before, expected = classes(market), expected_classes(market)
    to_change = {key for key in before if before[key] != expected[key]}

    result = correct(market, batch_size=batch_size, adaptive=False)

    failures = open_failures(market, result.correction_id)
    assert 0 < len(failures) < len(to_change)
    assert set(failures.values()) == {(sqlstate, 1)}
    assert failures.keys() <= to_change
    assert classes(market) == expected | {key: before[key] for key in failures}
    assert (result.status, result.failed) == ("completed_with_errors", len(failures))
    assert result.changed == len(to_change) - len(failures)
    again = call(market, "retry_failed_records", correction_id=result.correction_id)
    assert (again.status, again.changed, again.failed) == (
        "completed_with_errors",
        0,
        len(failures),
    )
    assert open_failures(market, result.correction_id) == dict.fromkeys(failures, (sqlstate, 2))

    market.execute(cure)
    cured = call(market, "retry_failed_records", correction_id=result.correction_id)

    assert (cured.status, cured.changed, cured.failed) == ("completed", len(failures), 0)
    assert classes(market) == expected
    assert open_failures(market, result.correction_id) == {}
    row = history(market, result.correction_id)
    assert (row.status, row.records_changed, row.records_failed) == ("completed", len(to_change), 0)


def test_what_a_retry_corrects_can_be_rolled_back(market):
    _, fault, cure = REFUSALS["check"]
    market.execute(fault)
    before = classes(market)
    result = correct(market, batch_size=7, adaptive=False)
    market.execute(cure)
    call(market, "retry_failed_records", correction_id=result.correction_id)
    checks = select(market, "validate_corrections", correction_id=result.correction_id)
    assert [c for c in checks if not c.passed and not c.check_name.endswith("_score")] == []

    undone = rollback(market, result.correction_id)

    assert undone.changed == 30
    assert classes(market) == before


def test_without_validation_an_altering_trigger_has_the_last_word(market):
    market.execute(REFUSALS["trigger that alters the value"][1])
    result = correct(market, validate_after_each_batch=False)
    assert (result.status, result.changed, result.failed) == ("completed", 30, 0)
    assert one(market, "SELECT count(*) FROM market_data WHERE asset_class = 'stock'") == 6


def test_rows_that_a_trigger_suppresses_are_skipped(market):
    market.execute(TRIGGER.format("RETURN NULL;"))
    before, expected = classes(market), expected_classes(market)
    kept = {str(k) for (k,) in rows(market, "SELECT id FROM market_data WHERE close > 109")}

    result = correct(market, lock_timeout="1 ms", max_retries=1)

    assert classes(market) == {k: before[k] if k in kept else expected[k] for k in before}
    assert (result.status, result.changed, result.skipped) == ("completed_with_errors", 24, 6)
    assert one(market, f"SELECT count(*) FROM {result.backup_table}") == 24


def test_bad_rows_that_have_gone_do_not_hide_what_is_left(market):
    market.execute(TRIGGER.format("RAISE 'not this bar';"))
    market.execute(
        "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
        " DELETE FROM public.market_data m WHERE m.id = (new.key ->> 'id')::uuid;"
        " RETURN NULL; END$$;"
        "CREATE TRIGGER forget AFTER INSERT ON etl.failed_record"
        " FOR EACH ROW EXECUTE FUNCTION forget();"
        "CREATE FUNCTION suppress() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        "CREATE TRIGGER suppress BEFORE UPDATE ON market_data FOR EACH ROW"
        " WHEN (old.symbol = 'KO') EXECUTE FUNCTION suppress()"
    )
    kept = one(
        market,
        "SELECT count(*) FROM market_data"
        " WHERE symbol = 'KO' AND coalesce(asset_class, '') = '' AND close <= 109",
    )

    result = correct(market, lock_timeout="1 ms", max_retries=1)

    assert (result.status, result.failed, result.skipped) == ("completed_with_errors", 6, kept)
    assert result.changed == 30 - 6 - kept
    assert kept == 8


def test_a_batch_of_bad_rows_only_is_cut_short(market):
    """To find many refused rows one by one takes long: it is done in batches, too."""
    add_blank_bars(market, 300)
    market.execute(
        "ALTER TABLE market_data ADD CONSTRAINT sane CHECK (asset_class IS NULL) NOT VALID;"
        "DELETE FROM market_data WHERE asset_class IS NOT NULL;"
        "CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_sleep(0.002); RETURN new; END $$;"
        "CREATE TRIGGER take_time BEFORE UPDATE ON market_data"
        " FOR EACH ROW EXECUTE FUNCTION take_time()"
    )
    result = correct(market, batch_size=100_000, target_batch_time="50 ms", max_error_rate=100)
    bad = one(market, "SELECT count(*) FROM etl.failed_record")
    assert (result.status, result.changed, result.failed) == ("completed_with_errors", 0, bad)
    assert bad == one(
        market,
        "SELECT count(*) FROM market_data WHERE symbol IN ('AAPL', 'KO')",
    )
    assert bad == 320
    # Each row is tried on its own, for 2 ms at least, until twice the time of a batch is over.
    most = one(market, "SELECT max(failed) FROM etl.operation_batch")
    assert most <= 2 * 50 / 2 + 1

    market.execute("DROP TRIGGER take_time ON market_data")
    market.execute("ALTER TABLE market_data DROP CONSTRAINT sane")
    again = call(market, "retry_failed_records", correction_id=result.correction_id)
    assert (again.status, again.changed, again.failed) == ("completed", bad, 0)


def test_bad_rows_without_a_backup_can_be_retried_after_a_purge(market):
    _, poison, cure = REFUSALS["check"]
    market.execute(poison)
    result = correct(market, create_backup=False)
    market.execute(
        "UPDATE public.etl_execution_history SET started_at = now() - interval '60 days',"
        " heartbeat_at = now() - interval '59 days', finished_at = now() - interval '59 days'"
    )
    call(market, "purge_backups", older_than="30 days")
    market.execute(cure)

    again = call(market, "retry_failed_records", correction_id=result.correction_id)

    assert (again.status, again.changed) == ("completed", result.failed)


def test_rows_gone_or_right_by_now_are_resolved(market):
    market.execute(REFUSALS["check"][1])
    result = correct(market)
    failures = sorted(open_failures(market, result.correction_id))
    market.execute("DELETE FROM market_data WHERE id = %s", (failures[0],))
    market.execute("ALTER TABLE market_data DROP CONSTRAINT sane")
    market.execute("UPDATE market_data SET asset_class = 'STOCK' WHERE id = %s", (failures[1],))

    again = call(market, "retry_failed_records", correction_id=result.correction_id)

    assert (again.status, again.changed) == ("completed", len(failures) - 2)
    assert open_failures(market, result.correction_id) == {}


def test_old_values_that_are_refused_fail_alone(market):
    result = correct(market)
    market.execute(
        "ALTER TABLE market_data ADD CONSTRAINT sane CHECK (close < 109 OR asset_class IS NOT NULL)"
        " NOT VALID"
    )
    refused = "SELECT count(*) FROM market_data WHERE close > 109 AND symbol IN ('AAPL', 'KO')"

    undone = rollback(market, result.correction_id, batch_size=8, adaptive=False)

    assert undone.failed == one(market, refused) == 4
    assert (undone.status, undone.changed) == ("completed_with_errors", 26)
    assert history(market, result.correction_id).status == "partially_rolled_back"
    outcomes = select(market, "rollback_outcomes", rollback_id=undone.rollback_id)
    assert sum(row.outcome == "failed" for row in outcomes) == 4

    market.execute("ALTER TABLE market_data DROP CONSTRAINT sane")
    assert rollback(market, result.correction_id).changed == 4
    assert history(market, result.correction_id).status == "rolled_back"


@pytest.mark.parametrize("validates", [True, False])
def test_old_values_that_a_trigger_alters(market, validates):
    result = correct(market)
    market.execute(TRIGGER.format("new.asset_class := 'meddled';"))

    undone = rollback(market, result.correction_id, validate_after_rollback=validates)

    meddled = one(market, "SELECT count(*) FROM market_data WHERE asset_class = 'meddled'")
    assert (undone.failed, meddled) == ((6, 0) if validates else (0, 6))
    assert undone.changed == 30 - undone.failed


def test_too_many_bad_rows_stop_it_and_it_can_go_on(large_market):
    large_market.execute(
        "ALTER TABLE market_data ADD CONSTRAINT sane"
        " CHECK (asset_class IS NULL OR timeframe = '1D') NOT VALID"
    )
    with raises("ME009"):
        correct(large_market, batch_size=500, adaptive=False)
    correction_id = one(large_market, "SELECT execution_id FROM public.etl_execution_history")
    row = history(large_market, correction_id)
    assert row.status == "failed"
    assert 100 < row.records_failed < 300  # 10 % of the rows that were tried
    assert row.records_failed == len(open_failures(large_market, correction_id))

    large_market.execute("ALTER TABLE market_data DROP CONSTRAINT sane")
    resumed = call(large_market, "resume_correction", correction_id=correction_id)
    call(large_market, "retry_failed_records", correction_id=correction_id)

    assert resumed.status == "completed_with_errors"
    assert history(large_market, correction_id).status == "completed"
    assert classes(large_market) == expected_classes(large_market)
    blank = "SELECT count(*) FROM market_data WHERE symbol = 'AAPL' AND asset_class IS NULL"
    assert one(large_market, blank) == 0


@pytest.mark.parametrize("max_error_rate", [0, 100])
def test_the_limit_of_bad_rows_is_an_option(market, max_error_rate):
    market.execute(REFUSALS["check"][1])
    if max_error_rate == 0:
        with raises("ME009"):
            correct(market, max_error_rate=max_error_rate)
        assert one(market, "SELECT count(*) FROM etl.failed_record") == 1
    else:
        assert correct(market, max_error_rate=max_error_rate).failed == 6


def test_one_bad_row_in_a_batch_of_fifty_thousand_costs_few_statements(db):
    """Chunks as large as that are those of a table thirty times as large: made by hand."""
    db.execute(
        "CREATE TABLE symbols (ticker text, asset_class text);"
        "INSERT INTO symbols VALUES ('AAPL', 'STOCK');"
        "CREATE TABLE market_data (id int PRIMARY KEY, symbol text, asset_class text);"
        "INSERT INTO market_data SELECT n, 'AAPL' FROM generate_series(1, 50000) n;"
        "ANALYZE market_data; CREATE SEQUENCE updates;"  # a sequence counts what is undone, too
        "CREATE FUNCTION tally() RETURNS trigger LANGUAGE plpgsql"
        " AS $$BEGIN PERFORM nextval('public.updates'); RETURN NULL; END$$;"
        "CREATE TRIGGER tally BEFORE UPDATE ON market_data"
        " FOR EACH STATEMENT EXECUTE FUNCTION tally();"
        "CREATE FUNCTION one_piece() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
        " UPDATE etl.operation_chunk k SET end_item = m.end_item FROM (SELECT execution_id,"
        " max(end_item) AS end_item FROM etl.operation_chunk WHERE pass = 1 GROUP BY 1) m"
        " WHERE k.execution_id = m.execution_id AND k.pass = 1 AND k.chunk_number = 1;"
        "DELETE FROM etl.operation_chunk WHERE pass = 1 AND chunk_number > 1; RETURN NULL; END$$;"
        "CREATE TRIGGER one_piece AFTER INSERT ON etl.operation_chunk"
        " FOR EACH STATEMENT EXECUTE FUNCTION one_piece()"
    )
    size = "SELECT max(rows_expected) FROM etl.operation_batch WHERE execution_id = %s"

    def statements_of_a_correction():
        before = one(db, "SELECT nextval('updates')")
        result = correct(db, batch_size=10_000_000, target_batch_time="1 minute")
        assert one(db, size, result.correction_id) >= 50_000
        return result, one(db, "SELECT nextval('updates')") - before - 1

    smooth, without = statements_of_a_correction()
    db.execute("UPDATE market_data SET asset_class = NULL")
    db.execute("VACUUM (FULL, ANALYZE) market_data")
    db.execute("ALTER TABLE market_data ADD CHECK (id <> 31337 OR asset_class IS NULL)")
    rough, with_one = statements_of_a_correction()

    assert (smooth.changed, smooth.failed) == (50_000, 0)
    assert (rough.changed, rough.failed) == (49_999, 1)
    assert 2 * 15 <= with_one - without <= 40  # halved until the row stands alone


@pytest.mark.parametrize("status", ["rolled_back", "unknown"])
def test_what_cannot_be_retried(market, status):
    market.execute(REFUSALS["check"][1])
    correction_id = correct(market).correction_id
    if status == "rolled_back":
        rollback(market, correction_id)
        with raises("ME005"):
            call(market, "retry_failed_records", correction_id=correction_id)
    else:
        with raises("ME002"):
            call(market, "retry_failed_records", correction_id="0" * 32)
