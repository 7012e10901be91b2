"""A sample run changes nothing and forecasts from what it saw; the history has the actual cost."""

from __future__ import annotations

import threading

import pytest
from sql_support import (
    ALL_WRONG,
    call,
    correct,
    history,
    in_background,
    one,
    raises,
    rows,
    select,
    select_one,
    wait_until,
)

FIGURES = (
    "duration_seconds",
    "wal_bytes",
    "table_growth_bytes",
    "index_growth_bytes",
    "backup_bytes",
    "hot_update_percent",
)
BARS = 40_000

BARS_TABLE = """
CREATE TABLE {table} (
    id          bigint NOT NULL,
    symbol      text   NOT NULL,
    asset_class text,
    padding     text   NOT NULL DEFAULT repeat('x', 60),
    PRIMARY KEY (id)
) {options}
"""
FILL = """
INSERT INTO {table} (id, symbol)
SELECT bar, (ARRAY['AAPL', 'MSFT', 'EURUSD', 'BTCUSD'])[1 + bar %% 4]
  FROM generate_series(1, %s) AS bar
"""


def make_bars(db, options="", table="public.bars", count=BARS):
    """Create a table of bars without a class, and register it as the target bars."""
    db.execute(BARS_TABLE.format(table=table, options=options))
    fill(db, table, count)


def fill(db, table="public.bars", count=BARS):
    db.execute(FILL.format(table=table), (count,))
    db.execute(f"VACUUM ANALYZE {table}")
    call(db, "register_target", target="bars", fact_table=table)


def preview(db, **options):
    """Preview with a sample run; return the lines of the forecast, by item."""
    found = select(db, "preview_correction", target="bars", sample_run=True, **options)
    return {row.item: row.to_value for row in found if row.section == "forecast"}


@pytest.fixture
def bars(market):
    make_bars(market)
    return market


def state(db):
    """Return all rows of all tables that a correction writes to, and the tables there are."""
    tables = [
        name
        for (name,) in rows(
            db,
            "SELECT c.oid::regclass::text FROM pg_class c"
            " WHERE c.relkind IN ('r', 'p')"
            "   AND c.relnamespace IN ('etl'::regnamespace, 'public'::regnamespace)"
            "   AND c.oid NOT IN ('etl.sample_run'::regclass, 'etl.audit_log'::regclass)",
        )
    ]
    return {
        name: one(db, f"SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {name} t")
        for name in tables
    }


def test_a_trial_changes_nothing(bars):
    before, places = state(bars), rows(bars, "SELECT id, ctid, xmin FROM bars ORDER BY id")
    forecast = preview(bars)
    assert state(bars) == before
    assert rows(bars, "SELECT id, ctid, xmin FROM bars ORDER BY id") == places
    assert forecast["basis"] == "sample_run"
    assert all(float(forecast[figure]) >= 0 for figure in FIGURES)
    assert rows(bars, "SELECT target, sampled_by = session_user FROM etl.sample_run") == [
        ("bars", True)
    ]
    assert one(bars, "SELECT count(*) FROM etl.audit_log WHERE action = 'sample_run'") == 1


@pytest.mark.parametrize("count", [500, 5_000, BARS])
def test_it_touches_one_percent_at_most(market, count):
    """An undone change leaves its transaction id in xmax: it tells which rows were touched."""
    make_bars(market, count=count)
    preview(market)
    touched = one(market, "SELECT count(*) FROM bars WHERE xmax <> '0'")
    assert 0 < touched <= count / 100
    assert one(market, "SELECT (sample ->> 'rows')::int FROM etl.sample_run") == touched


def test_the_sample_is_spread_over_the_leaves(market):
    market.execute(BARS_TABLE.format(table="public.bars", options="PARTITION BY RANGE (id)"))
    for leaf in range(4):
        market.execute(
            f"CREATE TABLE bars_{leaf} PARTITION OF bars"
            f" FOR VALUES FROM ({leaf * 40_000 + 1}) TO ({(leaf + 1) * 40_000 + 1})"
        )
    fill(market, count=160_000)
    preview(market)
    touched = dict(
        rows(
            market,
            "SELECT tableoid::regclass::text, count(*) FROM bars WHERE xmax <> '0' GROUP BY 1",
        )
    )
    assert len(touched) >= 2
    assert 160 < sum(touched.values()) <= 1_600

    done = history(market, correct(market, target="bars").correction_id)
    assert done.forecast["basis"] == "sample_run"
    assert done.actual["records"] == 160_000
    for figure in ("wal_bytes", "table_growth_bytes", "backup_bytes"):
        assert 0.75 <= done.actual["ratio"][figure] <= 1.25, (figure, done.forecast, done.actual)


def test_forecast_and_actual_are_on_the_history_row(bars):
    shown = preview(bars)
    sizes = "SELECT pg_relation_size('bars'), pg_indexes_size('bars')"
    ((table, index),) = rows(bars, sizes)

    result = correct(bars, target="bars")

    done = history(bars, result.correction_id)
    assert {figure: float(shown[figure]) for figure in FIGURES} == {
        figure: float(done.forecast[figure]) for figure in FIGURES
    }
    assert (done.forecast["table_bytes"], done.forecast["index_bytes"]) == (table, index)
    ((table_after, index_after),) = rows(bars, sizes)
    actual = done.actual
    assert actual["records"] == done.forecast["records"] == result.changed == BARS
    assert actual["duration_seconds"] == pytest.approx(result.duration.total_seconds(), abs=0.002)
    assert actual["table_growth_bytes"] == table_after - table
    assert actual["index_growth_bytes"] == index_after - index
    assert actual["backup_bytes"] == one(
        bars, "SELECT pg_relation_size(%s::regclass)", result.backup_table
    )
    assert actual["hot_update_percent"] == pytest.approx(
        one(
            bars, "SELECT (100.0 * sum(hot_updates) / sum(updates))::float FROM etl.operation_usage"
        ),
        abs=0.01,
    )
    for figure in FIGURES:
        if actual[figure]:
            assert actual["ratio"][figure] == pytest.approx(
                done.forecast[figure] / actual[figure], abs=0.001
            )
    status = select_one(bars, "correction_status", correction_id=result.correction_id)
    assert (status.forecast, status.actual) == (done.forecast, done.actual)
    for figure in ("wal_bytes", "table_growth_bytes", "backup_bytes"):
        assert 0.75 <= actual["ratio"][figure] <= 1.25, (figure, done.forecast, actual)


def test_wal_is_that_of_the_operation_alone(bars, session):
    """Another session writes all the while: that is none of the correction's cost."""
    quiet = history(bars, correct(bars, target="bars").correction_id).actual["wal_bytes"]
    bars.execute("UPDATE bars SET asset_class = NULL")
    bars.execute("VACUUM FULL ANALYZE bars")
    bars.execute("CREATE TABLE noise (filler text)")
    start = one(bars, "SELECT pg_current_wal_insert_lsn()::text")
    stop = threading.Event()

    def write():
        with session() as other:
            while not stop.is_set():
                other.execute(
                    "INSERT INTO noise SELECT repeat('x', 500) FROM generate_series(1, 5000)"
                )

    with in_background(write):
        try:
            wait_until(lambda: one(bars, "SELECT count(*) FROM noise") > 0)
            done = history(bars, correct(bars, target="bars").correction_id)
        finally:
            stop.set()
    written = one(
        bars, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s::pg_lsn)::bigint", start
    )
    assert done.actual["wal_bytes"] == pytest.approx(quiet, rel=0.25)
    assert done.actual["wal_bytes"] < written / 2


@pytest.mark.parametrize(
    ("options", "index", "lowest", "highest"),
    [
        ("WITH (fillfactor = 40)", False, 95, 100),
        ("WITH (fillfactor = 40)", True, 0, 0),
        ("", False, 0, 10),
    ],
)
def test_the_share_of_hot_updates(market, options, index, lowest, highest):
    make_bars(market, options)
    if index:
        market.execute("CREATE INDEX ON bars (asset_class, symbol)")
    forecast = float(preview(market)["hot_update_percent"])
    done = history(market, correct(market, target="bars").correction_id)
    assert lowest <= forecast <= highest
    assert lowest <= done.actual["hot_update_percent"] <= highest
    assert forecast == pytest.approx(done.actual["hot_update_percent"], abs=5)
    market.execute("SELECT pg_stat_force_next_flush()")
    ((updates, hot),) = rows(
        market, "SELECT sum(updates), sum(hot_updates) FROM etl.operation_usage"
    )
    assert updates == BARS
    assert round(100 * hot / updates, 2) == round(done.actual["hot_update_percent"], 2)


def test_a_partial_index_that_the_rows_leave_does_not_grow(market):
    make_bars(market)
    market.execute("CREATE INDEX ON bars (symbol, asset_class) WHERE asset_class IS NULL")
    preview(market)
    shares = one(market, "SELECT sample -> 'index_shares' FROM etl.sample_run")
    assert shares == {"(asset_class IS NULL)": 0}


def test_few_rows_are_found_by_the_index_and_tried_one_by_one(market):
    make_bars(market)
    correct(market, target="bars")
    market.execute("CREATE INDEX ON bars (symbol) WHERE asset_class IS NULL OR asset_class = ''")
    market.execute("UPDATE bars SET asset_class = NULL WHERE id % 200 = 0")
    market.execute("VACUUM (FREEZE, ANALYZE) bars")
    market.execute("SET random_page_cost = 1.1")  # as on a solid state disk
    forecast = preview(market)
    ((strategy, touched),) = rows(
        market, "SELECT sample ->> 'strategy', (sample ->> 'rows')::int FROM etl.sample_run"
    )
    assert strategy == "index"
    assert 0 < touched <= 20
    assert forecast["basis"] == "sample_run"
    done = history(market, correct(market, target="bars").correction_id)
    assert done.forecast["records"] == done.actual["records"] == 200


@pytest.mark.parametrize(
    "spoil",
    [
        {"target_symbols": ["AAPL"]},
        {"create_backup": False},
        {"only_process_null_asset_class": False},
    ],
    ids=str,
)
def test_a_trial_of_other_options_is_not_used(bars, spoil):
    preview(bars)
    done = history(bars, correct(bars, target="bars", **spoil).correction_id)
    assert done.forecast["basis"] == "statistics"
    assert done.forecast["wal_bytes"] is None
    assert done.actual["wal_bytes"] > 0


def test_the_last_correction_is_a_basis_too(bars):
    preview(bars)
    first = history(bars, correct(bars, target="bars").correction_id)
    bars.execute("UPDATE bars SET asset_class = NULL WHERE id <= 20000")
    second = history(bars, correct(bars, target="bars").correction_id)
    assert (first.forecast["basis"], second.forecast["basis"]) == ("sample_run", "history")
    assert second.forecast["backup_bytes"] == pytest.approx(
        first.actual["backup_bytes"] * second.forecast["records"] / BARS, rel=0.01
    )


def test_nothing_is_forecast_for_a_dry_run(bars):
    done = history(bars, correct(bars, target="bars", dry_run=True).correction_id)
    assert (done.forecast, done.actual) == (None, None)


def test_nothing_to_correct(bars):
    correct(bars, target="bars")
    forecast = preview(bars)
    assert forecast["basis"] == "history"
    assert rows(bars, "SELECT FROM etl.sample_run") == []
    done = history(bars, correct(bars, target="bars").correction_id)
    assert done.actual["records"] == 0
    assert done.actual["hot_update_percent"] is None


def test_rows_held_by_another_session_do_not_hold_it_up(bars, session):
    holder = session()
    holder.execute("BEGIN")
    holder.execute("SELECT FROM bars WHERE id % 2 = 0 FOR UPDATE")
    bars.execute("SET statement_timeout = '2 min'")
    forecast = preview(bars)
    assert forecast["basis"] == "sample_run"
    holder.execute("ROLLBACK")


def test_a_locked_table_does_not_hold_it_up(bars, session):
    """A reader may go on beside this lock, a writer may not."""
    holder = session()
    holder.execute("BEGIN")
    holder.execute("LOCK TABLE bars IN SHARE MODE")
    bars.execute("SET statement_timeout = '2 min'")
    assert preview(bars)["basis"] == "statistics"
    holder.execute("ROLLBACK")


def test_it_holds_no_row_when_it_is_over(bars, session):
    with bars.transaction():
        preview(bars)
        free = session()
        free.execute("SET lock_timeout = '1 s'")
        assert free.execute("UPDATE bars SET padding = 'mine'").rowcount == BARS


def test_rows_that_would_be_refused_are_a_risk(bars):
    bars.execute("ALTER TABLE bars ADD CHECK (asset_class <> 'CRYPTO')")
    found = select(bars, "preview_correction", target="bars", sample_run=True)
    (risk,) = [row for row in found if row.item == "refused rows"]
    assert "bars_asset_class_check" in risk.detail


def test_a_read_only_session_may_not(bars):
    bars.execute("SET default_transaction_read_only = on")
    with raises("ME008"):
        preview(bars)


def test_what_the_preflight_refuses_is_not_tried(market):
    market.execute(
        "CREATE TABLE bars (id bigint PRIMARY KEY, symbol text,"
        " asset_class text GENERATED ALWAYS AS (symbol) STORED)"
    )
    call(market, "register_target", target="bars", fact_table="public.bars")
    with raises("ME008"):
        preview(market)


def test_triggers_fire_and_are_undone(bars):
    bars.execute("CREATE TABLE seen (id bigint)")
    bars.execute(
        "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO public.seen VALUES (NEW.id);"
        "    PERFORM nextval('public.fired'); RETURN NEW; END $$"
    )
    bars.execute("CREATE SEQUENCE fired")
    bars.execute("CREATE TRIGGER see AFTER UPDATE ON bars FOR EACH ROW EXECUTE FUNCTION see()")
    preview(bars, **ALL_WRONG)
    assert rows(bars, "SELECT FROM seen") == []
    assert one(bars, "SELECT last_value FROM fired") > 1


def test_a_trial_beside_an_operation_on_the_target(bars):
    """It needs no guard of its own, and leaves that of the other alone."""
    bars.execute(
        "INSERT INTO etl_execution_history"
        " (execution_id, operation, target, status, library_version)"
        " VALUES (gen_random_uuid(), 'correction', 'bars', 'paused', etl.version())"
    )
    before = state(bars)
    assert preview(bars)["basis"] == "sample_run"
    assert state(bars) == before


def test_pages_that_another_session_fills_are_not_waited_for(bars, session):
    """A sample that is held in whole is passed over; then there is no sample run to go by."""
    holder = session()
    holder.execute("BEGIN")
    holder.execute("SELECT FROM bars FOR UPDATE")
    bars.execute("SET statement_timeout = '2 min'")
    assert preview(bars)["basis"] == "statistics"
    holder.execute("ROLLBACK")


def test_a_duty_cycle_is_part_of_the_forecast(market):
    make_bars(market)
    correct(market, target="bars")
    full, half = (
        one(
            market,
            "SELECT (etl._forecast(t, jsonb_build_object('max_concurrency', 1, 'max_duty_cycle',"
            " %s::int), 100000, 200000) ->> 'duration_seconds')::float"
            "  FROM etl.correction_target t WHERE t.target = 'bars'",
            duty_cycle,
        )
        for duty_cycle in (None, 50)
    )
    assert half == pytest.approx(2 * full, rel=0.01)
    assert full > 0
