"""Bootstrap of the reference data: what is there afterwards, what stays, what an undo restores."""

from __future__ import annotations

import uuid
from pathlib import Path

import psycopg
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

HERE = Path(__file__).resolve().parent
TABLES = ("asset_classes", "markets", "trading_sessions", "data_providers")
GUIDE = {
    "asset_classes": {"CRYPTO", "STOCK", "STOCK_BIST", "FOREX", "COMMODITY", "ETF"},
    "markets": {"BINANCE", "BIST", "NASDAQ", "NYSE", "FOREX_MARKET"},
    "data_providers": {"BINANCE", "YAHOO_FINANCE", "COINMARKETCAP", "ALPHA_VANTAGE"},
}


def bootstrap(db, **options):
    return call(db, "bootstrap_reference_data", **options)


def undo(db, execution_id, **options):
    return call(db, "rollback_operation", execution_id=execution_id, **options)


def counts(result, figure):
    """Return one figure of each component that has any of it."""
    return {
        name: figures[figure]
        for name, figures in result.items()
        if name != "warnings" and figures[figure]
    }


def expected(db):
    """Return how many rows each component has, by the reference data itself."""
    found = dict.fromkeys(TABLES, 0)
    for line in select(db, "reference_data"):
        found[line.component] += len(line.attributes.get("days", [None]))
    return found


def test_all_rows_are_there_and_refer_to_each_other(platform):
    db = platform.db
    result = bootstrap(db)
    wanted = expected(db)
    assert (result.status, result.failed, result.skipped) == ("completed", 0, 0)
    assert counts(result.result, "created") == wanted
    assert result.changed == sum(wanted.values())
    assert {name: platform.count(name) for name in TABLES} == wanted
    code = platform.column("code")
    for name, codes in GUIDE.items():
        found = {value for (value,) in rows(db, f"SELECT {code} FROM {platform.table(name)}")}
        assert codes <= found, name

    pairs = rows(
        db,
        f"SELECT m.{code}, a.{code} FROM {platform.table('markets')} m"
        f"  JOIN {platform.table('asset_classes')} a"
        f"    ON a.{platform.column('id')} = m.{platform.column('asset_class_id')}",
    )
    assert dict(pairs) == {
        line.code: line.attributes["asset_class"]
        for line in select(db, "reference_data")
        if line.component == "markets"
    }
    sessions = rows(
        db,
        f"SELECT m.{code}, s.{platform.column('day_of_week')}::text,"
        f" s.{platform.column('start_time')}::text, s.{platform.column('end_time')}::text"
        f"  FROM {platform.table('trading_sessions')} s"
        f"  JOIN {platform.table('markets')} m"
        f"    ON m.{platform.column('id')} = s.{platform.column('market_id')}"
        f" WHERE m.{code} IN ('BIST', 'FOREX_MARKET')"
        f"   AND s.{platform.column('session_name')} = 'Regular'",
    )
    days = (
        ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
        if platform.kind == "mixed_case"
        else list("012345")
    )
    assert set(sessions) == {("BIST", day, "10:00:00", "18:00:00") for day in days[1:]} | {
        ("FOREX_MARKET", day, "17:00:00", "17:00:00") for day in days[:5]
    }
    assert select(db, "validate_reference_data") == []


def test_a_second_run_changes_nothing(platform):
    db = platform.db
    bootstrap(db)
    before = platform.contents()

    for options in ({}, {"overwrite_existing": True}):
        second = bootstrap(db, **options)
        assert (second.status, second.changed) == ("completed", 0)
        assert second.skipped == sum(expected(db).values())
        assert counts(second.result, "skipped") == expected(db)
        assert platform.contents() == before
        assert rows(db, "SELECT * FROM etl.row_plan") == []


def test_undo_restores_the_tables_exactly(platform):
    db = platform.db
    code, name = platform.column("code"), platform.column("name")
    bootstrap(db, components=["asset_classes"])
    classes = platform.table("asset_classes")
    db.execute(f"DELETE FROM {classes} WHERE {code} = 'INDEX'")
    db.execute(f"UPDATE {classes} SET {name} = 'Mine' WHERE {code} = 'ETF'")
    before = platform.contents()

    done = bootstrap(db, overwrite_existing=True)
    assert counts(done.result, "updated") == {"asset_classes": 1}
    assert platform.contents() != before
    undone = undo(db, done.bootstrap_id)

    assert platform.contents() == before
    assert (undone.status, undone.changed, undone.skipped) == ("completed", done.changed, 0)
    assert history(db, done.bootstrap_id).status == "rolled_back"
    with raises("ME005"):
        undo(db, done.bootstrap_id)


def test_changes_of_users_stay_unless_overwritten(platform):
    db = platform.db
    bootstrap(db)
    markets, code = platform.table("markets"), platform.column("code")
    zone = platform.column("time_zone")
    db.execute(f"UPDATE {markets} SET {zone} = 'Asia/Tokyo' WHERE {code} = 'BINANCE'")
    other = "NASDAQ" if platform.kind == "created" else "Nasdaq"  # ours are in capitals
    db.execute(f"UPDATE {markets} SET {code} = '{other}' WHERE {code} = 'NASDAQ'")
    changed = platform.contents()
    (status,) = [s for s in select(db, "bootstrap_status") if s.component == "markets"]
    assert (status.missing, status.customised, status.is_complete) == (0, 1, True)

    assert bootstrap(db).changed == 0
    assert platform.contents() == changed
    overwritten = bootstrap(db, overwrite_existing=True)
    assert counts(overwritten.result, "updated") == {"markets": 1}
    values = dict(rows(db, f"SELECT {code}, {zone} FROM {markets}"))
    assert values["BINANCE"] == "UTC"
    assert len(values) == expected(db)["markets"]
    assert other in values  # the code is how rows are told apart: it is never changed
    undo(db, overwritten.bootstrap_id)
    assert platform.contents() == changed


def test_a_dry_run_tells_and_changes_nothing(platform):
    db = platform.db
    before = platform.contents()
    told = bootstrap(db, dry_run=True)
    assert platform.contents() == before
    assert (told.status, told.changed) == ("completed", sum(expected(db).values()))
    assert counts(told.result, "created") == expected(db)
    assert rows(db, "SELECT * FROM etl.row_change") == []
    with raises("ME005"):
        undo(db, told.bootstrap_id)


def test_components(platform):
    db = platform.db
    done = bootstrap(db, components=["markets", "asset_classes"])
    assert counts(done.result, "created") == {
        name: count for name, count in expected(db).items() if name in ("asset_classes", "markets")
    }
    assert (platform.count("trading_sessions"), platform.count("data_providers")) == (0, 0)
    assert [(s.component, s.is_complete) for s in select(db, "bootstrap_status")] == [
        ("asset_classes", True),
        ("markets", True),
        ("trading_sessions", False),
        ("data_providers", False),
    ]


def test_rows_without_their_parents_are_left_out_with_a_warning(platform):
    db = platform.db
    left = bootstrap(db, components=["markets"])
    assert (left.status, left.changed) == ("completed", 0)
    assert "BIST: STOCK_BIST is not there" in left.result["warnings"]
    assert platform.count("markets") == 0

    bootstrap(db, components=["asset_classes"])
    code = platform.column("code")
    db.execute(f"DELETE FROM {platform.table('asset_classes')} WHERE {code} = 'FOREX'")
    part = bootstrap(db, components=["markets"])
    assert sorted(part.result["warnings"]) == [
        "FOREX_MARKET: FOREX is not there",
        "OANDA: FOREX is not there",
    ]
    assert platform.count("markets") == expected(db)["markets"] - 2


@pytest.mark.parametrize("components", [["marketz"], [], ["markets", None]], ids=str)
def test_unknown_components(created, components):
    with raises("ME003") as caught:
        bootstrap(created.db, components=components)
    assert "asset_classes, markets, trading_sessions, data_providers" in (
        caught.value.diag.message_hint
    )
    assert rows(created.db, "SELECT * FROM etl_execution_history") == []


@pytest.mark.parametrize(
    "option", [{"dry_run": None}, {"overwrite_existing": None}, {"timeout": "1 ms"}], ids=str
)
def test_options_are_checked(created, option):
    with raises("ME003"):
        bootstrap(created.db, **option)


def test_a_column_that_cannot_be_guessed_is_named_with_its_cure(db):
    db.execute((HERE / "snake_case.sql").read_text())
    with raises("ME008") as caught:
        bootstrap(db)
    assert "trading.asset_classes.tier" in caught.value.diag.message_primary
    assert rows(db, "SELECT * FROM etl_execution_history") == []
    hint = caught.value.diag.message_hint
    db.execute(hint[hint.index("SELECT") :].replace("'...'", "'first'"))

    assert bootstrap(db).status == "completed"
    assert rows(db, "SELECT DISTINCT tier::text FROM trading.asset_classes") == [("first",)]


def test_columns_that_nobody_knows_get_values_that_say_nothing(db):
    db.execute((HERE / "snake_case.sql").read_text())
    select_one(
        db,
        "set_column_default",
        relation="trading.asset_classes",
        column_name="tier",
        value="second",
    )
    bootstrap(db)
    assert rows(
        db,
        "SELECT DISTINCT settings, labels, commission, status FROM trading.markets",
    ) == [({}, [], 0, "UNKNOWN")]
    assert rows(db, "SELECT DISTINCT name_tr FROM trading.asset_classes") == [("",)]


def test_missing_tables(db):
    with raises("ME004") as caught:
        bootstrap(db)
    assert "create_platform_tables" in caught.value.diag.message_hint


def test_refused_rows_are_told_and_the_rest_is_done(created):
    db = created.db
    db.execute("ALTER TABLE markets ADD CONSTRAINT no_bist CHECK (code <> 'BIST')")
    result = bootstrap(db)
    assert (result.status, result.failed) == ("completed_with_errors", 1)
    assert result.result["markets"]["failed"] == 1
    assert rows(db, "SELECT key ->> 'code', sqlstate FROM etl.failed_record") == [("BIST", "23514")]
    assert any(text.startswith("BIST/Regular/Monday") for text in result.result["warnings"])
    assert one(db, "SELECT count(*) FROM markets WHERE code = 'BIST'") == 0
    assert one(db, "SELECT count(*) FROM trading_sessions") == expected(db)["trading_sessions"] - 15


def test_sessions_of_users_stand_for_ours(created):
    """One of the same day with another name, and one of all days, are not doubled."""
    db = created.db
    bootstrap(db, components=["asset_classes", "markets"])
    db.execute("ALTER TABLE trading_sessions ALTER day_of_week DROP NOT NULL")
    db.execute(
        "INSERT INTO trading_sessions (market_id, session_name, session_type, day_of_week,"
        " start_time, end_time)"
        " SELECT id, 'Main trading', 'REGULAR', 1, time '09:55', time '18:00' FROM markets"
        "  WHERE code = 'BIST'"
        " UNION ALL SELECT id, '24/7', 'REGULAR', NULL, '00:00', '23:59:59' FROM markets"
        "  WHERE code = 'BINANCE'"
    )
    result = bootstrap(db)
    assert result.result["trading_sessions"]["skipped"] == 8
    assert rows(
        db,
        "SELECT s.session_name, count(*) FROM trading_sessions s"
        "  JOIN markets m ON m.id = s.market_id"
        " WHERE m.code IN ('BIST', 'BINANCE') AND s.session_type = 'REGULAR' GROUP BY 1 ORDER BY 1",
    ) == [("24/7", 1), ("Main trading", 1), ("Regular", 4)]
    overwritten = bootstrap(db, overwrite_existing=True)
    assert overwritten.result["trading_sessions"]["updated"] == 1
    assert rows(
        db,
        "SELECT session_name, start_time::text FROM trading_sessions"
        " WHERE session_name IN ('24/7', 'Main trading') ORDER BY 1",
    ) == [("24/7", "00:00:00"), ("Main trading", "10:00:00")]


CODED = """
CREATE TABLE asset_classes (code text PRIMARY KEY, name text);
CREATE TABLE markets (market_code text PRIMARY KEY, asset_class text NOT NULL, tz text NOT NULL);
CREATE TABLE trading_sessions (
    market text, name text, weekday smallint, opens_at time, closes_at time,
    PRIMARY KEY (market, name, weekday));
CREATE TABLE data_providers (code text PRIMARY KEY, url text);
"""


def test_tables_that_refer_by_code(db):
    db.execute(CODED)
    left = bootstrap(db, components=["markets"])
    assert (left.changed, len(left.result["warnings"])) == (0, expected(db)["markets"])
    done = bootstrap(db)
    assert counts(done.result, "created") == expected(db)
    assert rows(db, "SELECT asset_class, tz FROM markets WHERE market_code = 'BIST'") == [
        ("STOCK_BIST", "Europe/Istanbul")
    ]
    assert bootstrap(db, overwrite_existing=True).changed == 0
    assert select(db, "validate_reference_data") == []
    (bist,) = select(db, "market_status", market="BIST", at="2026-01-05 07:00+00")
    assert bist.status == "open"

    db.execute("UPDATE markets SET asset_class = 'SHARES' WHERE market_code = 'BIST'")
    assert [(f.issue, f.item) for f in select(db, "validate_reference_data")] == [
        ("orphaned", "BIST")
    ]
    db.execute("UPDATE markets SET asset_class = 'STOCK_BIST' WHERE market_code = 'BIST'")
    assert undo(db, done.bootstrap_id).changed == done.changed
    assert one(db, "SELECT count(*) FROM trading_sessions") == 0


def test_a_killed_bootstrap_goes_on(platform, session):
    db = platform.db
    before = platform.contents()
    db.execute(
        "CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql"
        " AS $$BEGIN PERFORM pg_sleep(0.2); RETURN new; END$$;"
        f"CREATE TRIGGER slow BEFORE INSERT ON {platform.table('trading_sessions')}"
        " FOR EACH ROW EXECUTE FUNCTION public.slow()"
    )
    identity, worker = uuid.uuid4(), session()

    def run():
        with raises("57P01"):
            bootstrap(worker, bootstrap_id=identity)

    with in_background(run) as ended:
        wait_until(
            lambda: rows(db, "SELECT phase FROM etl_execution_history") == [("trading_sessions",)]
        )
        db.execute("SELECT pg_terminate_backend(%s)", (worker.info.backend_pid,))
    ended.result()
    assert platform.count("markets") == expected(db)["markets"]
    db.execute(f"DROP TRIGGER slow ON {platform.table('trading_sessions')}")

    done = bootstrap(db, bootstrap_id=identity)
    assert (done.status, done.bootstrap_id) == ("completed", identity)
    assert counts(done.result, "created") == expected(db)
    assert {name: platform.count(name) for name in TABLES} == expected(db)
    undo(db, identity)
    assert platform.contents() == before


def test_the_same_id_runs_once(created):
    db = created.db
    identity = uuid.uuid4()
    first = bootstrap(db, bootstrap_id=identity)
    again = bootstrap(db, bootstrap_id=identity)
    assert first.bootstrap_id == again.bootstrap_id == identity
    assert (first.changed, first.result) == (again.changed, again.result)
    assert one(db, "SELECT count(*) FROM etl_execution_history") == 1


def test_two_at_once_make_no_duplicates(platform, session):
    """The second one is told that it is not alone, or finds all there."""

    def run():
        try:
            return bootstrap(session()).changed
        except psycopg.Error as error:
            if error.sqlstate != "ME001":
                raise
            return 0

    db = platform.db
    with in_background(run) as first, in_background(run) as second:
        changed = sorted([first.result(), second.result()])
    assert changed == [0, sum(expected(db).values())]
    assert {name: platform.count(name) for name in TABLES} == expected(db)


def test_an_operator_needs_no_right_on_the_tables(platform):
    db = platform.db
    name = f"operator_{uuid.uuid4().hex[:8]}"
    db.execute(f"CREATE ROLE {name} LOGIN IN ROLE etl_operator")
    try:
        with psycopg.connect(db.info.dsn, user=name, autocommit=True) as operator:
            done = bootstrap(operator)
            assert select(operator, "market_status")
            assert select(operator, "validate_reference_data") == []
            assert undo(operator, done.bootstrap_id).changed == done.changed
            with raises("42501"):
                call(operator, "create_platform_tables")
    finally:
        db.execute(f"DROP ROLE {name}")
    assert {table: platform.count(table) for table in TABLES} == dict.fromkeys(TABLES, 0)


def test_reference_data_is_complete_in_itself(db):
    lines = select(db, "reference_data")
    keys = [(line.component, line.code) for line in lines]
    assert len(keys) == len(set(keys))
    known = {name: {c for component, c in keys if component == name} for name in TABLES}
    zones = {name for (name,) in rows(db, "SELECT name FROM pg_timezone_names")}
    for line in lines:
        attributes = line.attributes
        if line.component == "markets":
            assert attributes["asset_class"] in known["asset_classes"], line
            assert attributes["time_zone"] in zones, line
        elif line.component == "trading_sessions":
            assert attributes["market"] in known["markets"], line
            assert set(attributes["days"]) <= set(range(7)), line
            assert line.code == f"{attributes['market']}/{attributes['session_name']}"
        elif line.component == "data_providers":
            assert attributes["market"] in {None, *known["markets"]}, line
            assert attributes["endpoint_url"].startswith("https://"), line
    assert {
        line.attributes["market"] for line in lines if line.component == "trading_sessions"
    } == (known["markets"])
