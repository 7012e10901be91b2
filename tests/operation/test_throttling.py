"""Limits of the load: what makes an operation slow down or wait, provoked for real."""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sql_support import (
    add_blank_bars,
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

from mytrader_etl import deployment

MARKET = Path(__file__).parent.parent / "market.sql"
SLOWLY = {"adaptive": False, "pause_between_batches": "200 ms"}
QUICKLY = {"batch_size": 6000, "pause_between_batches": "0"}
"""For the rest of an operation, when what is tested has been seen."""

WAITS = "SELECT waiting_for FROM etl.operation_worker WHERE left_at IS NULL AND execution_id = %s"


def reason(db, identity):
    """Return what etl.correction_status() says that the operation waits for, or ''."""
    found = select(db, "correction_status", correction_id=identity)
    return (found[0].waiting_for or "") if found else ""


def seen(db, identity, text):
    """Tell whether a worker waits for something, without the probing of the status."""
    return any(text in (waits or "") for (waits,) in rows(db, WAITS, identity))


def server_session(server):
    return psycopg.connect(server.dsn(), autocommit=True)


def batches(db):
    return one(db, "SELECT count(*) FROM etl.operation_batch")


@contextmanager
def running(db, worker, **options: Any) -> Iterator[tuple[uuid.UUID, Any]]:
    """Run a correction in another session; cancel it where the block fails."""
    identity = uuid.uuid4()
    with in_background(correct, worker, correction_id=identity, **options) as future:
        try:
            wait_until(
                lambda: (
                    one(
                        db,
                        "SELECT count(*) FROM etl.operation_worker WHERE execution_id = %s",
                        identity,
                    )
                    > 0
                )
            )
            yield identity, future
        except BaseException:
            select(db, "cancel_operation", execution_id=identity)
            raise


# ---------------------------------------------------------------------------- allowed hours


def at(text, zone="UTC"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("hours", "now", "opens"),
    [
        ("22:00-06:00 UTC", at("2026-03-10 23:00"), None),
        ("22:00-06:00 UTC", at("2026-03-10 05:59"), None),
        ("22:00-06:00 UTC", at("2026-03-10 06:00"), at("2026-03-10 22:00")),
        ("22:00-06:00 UTC", at("2026-03-10 21:59"), at("2026-03-10 22:00")),
        ("22:00-06:00 UTC", at("2026-03-10 22:00"), None),
        ("9:00-17:30 UTC", at("2026-03-10 17:29"), None),
        ("9:00-17:30 UTC", at("2026-03-10 17:30"), at("2026-03-11 09:00")),
        ("9:00-17:30 UTC", at("2026-03-10 08:00"), at("2026-03-10 09:00")),
        ("18:00-24:00 UTC", at("2026-03-10 23:59"), None),
        ("18:00-24:00 UTC", at("2026-03-11 00:00"), at("2026-03-11 18:00")),
        ("22:00-06:00 Europe/Istanbul", at("2026-03-10 19:30"), None),
        ("22:00-06:00 Europe/Istanbul", at("2026-03-10 04:00"), at("2026-03-10 19:00")),
        ("22:00-06:00 Europe/Berlin", at("2026-03-28 21:30"), None),
        (
            "04:00-06:00 Europe/Berlin",  # the night that is an hour shorter
            at("2026-03-28 12:00"),
            at("2026-03-29 04:00", "Europe/Berlin"),
        ),
        ("04:00-06:00", at("2026-03-10 05:00", "Asia/Tokyo"), None),  # the session's zone
    ],
)
def test_when_the_hours_begin(calm_market, hours, now, opens):
    calm_market.execute("SET timezone = 'Asia/Tokyo'")
    assert one(calm_market, "SELECT etl._opens_at(%s, %s)", hours, now) == opens
    calm_market.execute("RESET timezone")


def closed_now():
    """Return hours, in UTC, that begin in an hour."""
    now = datetime.now(UTC)
    first, last = now + timedelta(hours=1), now + timedelta(hours=2)
    return f"{first:%H:%M}-{last:%H:%M}"


def open_now():
    now = datetime.now(UTC)
    first, last = now - timedelta(hours=1), now + timedelta(hours=1)
    return f"{first:%H:%M}-{last:%H:%M} UTC"


def test_outside_the_allowed_hours_it_waits_and_lives(market, session):
    """The time of waiting is not held against the timeout."""
    with running(market, session(), allowed_hours=f"{closed_now()} UTC", timeout="10 min") as (
        identity,
        future,
    ):
        wait_until(lambda: "allowed hours" in reason(market, identity))
        first = select_one(market, "correction_status", correction_id=identity)
        # Since an hour it has been waiting.
        market.execute(
            "UPDATE etl.operation_control SET closed_since = closed_since - interval '1 h',"
            " deadline = deadline - interval '1 h'"
        )
        beat = "SELECT heartbeat_at FROM etl.operation_worker"
        for _ in range(2):
            before = one(market, beat)
            wait_until(lambda before=before: one(market, beat) > before)
        then = select_one(market, "correction_status", correction_id=identity)

        assert (first.status, first.live_workers) == (then.status, then.live_workers)
        assert (then.status, then.live_workers, then.records_changed) == ("running", 1, 0)
        assert "allowed hours" in then.waiting_for
        assert one(market, "SELECT deadline < clock_timestamp() FROM etl.operation_control")
        assert batches(market) == 0

        changed = select(market, "tune_operation", execution_id=identity, allowed_hours=open_now())
        assert [(row.setting, row.new_value) for row in changed] == [("allowed_hours", open_now())]
        assert future.result(timeout=120).status == "completed"
    assert classes(market) == expected_classes(market)
    deadline, started = rows(
        market,
        "SELECT deadline, started_at FROM etl.operation_control"
        " JOIN public.etl_execution_history USING (execution_id)",
    )[0]
    assert deadline - started > timedelta(minutes=10)


def test_outside_the_allowed_hours_it_can_be_cancelled_and_resumed(market, session):
    with running(market, session(), allowed_hours=f"{closed_now()} UTC") as (identity, future):
        wait_until(lambda: seen(market, identity, "allowed hours"))
        select(market, "cancel_operation", execution_id=identity)
        assert future.exception(timeout=120).sqlstate == "ME012"
    select(market, "tune_operation", execution_id=identity, lift=["allowed_hours"])
    assert call(market, "resume_correction", correction_id=identity).status == "completed"


def test_hours_without_a_zone_are_those_of_the_session_that_starts(market, session):
    starter, other = session(options="-c timezone=Asia/Tokyo"), session()
    hours = closed_now()  # closed in UTC: 9 hours later in Tokyo
    now = datetime.now(ZoneInfo("Asia/Tokyo"))
    in_tokyo = f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=1):%H:%M}"
    with running(market, starter, allowed_hours=hours) as (identity, future):
        stored = (
            "SELECT limits ->> 'allowed_hours' FROM etl.operation_control WHERE execution_id = %s"
        )
        wait_until(lambda: one(market, stored, identity) == f"{hours} Asia/Tokyo")
        select(
            other, "tune_operation", execution_id=identity, allowed_hours=f"{in_tokyo} Asia/Tokyo"
        )
        assert future.result(timeout=120).status == "completed"


# ---------------------------------------------------------------------------- lock waiters


SLEEPS_WITH_A_LOCK = """
SELECT FROM pg_stat_activity a JOIN pg_locks l USING (pid)
 WHERE a.wait_event = 'PgSleep' AND l.granted AND l.mode = 'RowExclusiveLock'
   AND l.relation = 'market_data'::regclass
"""


def test_who_waits_for_our_locks_goes_first(long_market, session):
    """The batch after is half as long, and begins after a pause."""
    long_market.execute(  # a batch ends once somebody waits for it, up to the third
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF (SELECT count(*) FROM etl.operation_batch) IN (1, 2) THEN"
        "   PERFORM pg_sleep(0.001);"
        "   WHILE NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = TG_RELID) LOOP"
        "     PERFORM pg_sleep(0.01); END LOOP; END IF; RETURN new; END $$;"
        "CREATE TRIGGER wait BEFORE UPDATE ON market_data FOR EACH ROW EXECUTE FUNCTION wait()"
    )
    application = session()
    with running(long_market, session(), batch_size=700, target_batch_time="1 min") as (
        identity,
        future,
    ):
        for number in (1, 2):
            wait_until(
                lambda number=number: (
                    batches(long_market) >= number and rows(long_market, SLEEPS_WITH_A_LOCK)
                )
            )
            with application.transaction():
                application.execute("LOCK TABLE market_data IN SHARE ROW EXCLUSIVE MODE")
                assert batches(long_market) == number + 1
                assert seen(long_market, identity, "waited for its locks")
        assert future.result(timeout=120).status == "completed"
    done = rows(
        long_market,
        "SELECT rows_expected, started_at - lag(started_at + duration) OVER by_time"
        " FROM etl.operation_batch WINDOW by_time AS (ORDER BY started_at) ORDER BY started_at",
    )
    block = one(long_market, "SELECT etl._rows_per_block('market_data')")
    (first, _), (second, _), (third, pause), (fourth, next_pause) = done[:4]
    assert abs(second - 1.5 * first) <= block
    assert abs(third - second / 2) <= block
    assert abs(fourth - third / 2) <= block
    assert min(pause, next_pause) >= timedelta(milliseconds=50)
    assert classes(long_market) == expected_classes(long_market)


def test_a_worker_is_not_polite_to_its_fellows(market, session):
    """Workers that wait for each other, such as for the counters, do not count as in the way."""
    mine, fellow = session(), session()
    correct(market)
    identity = one(market, "SELECT execution_id FROM public.etl_execution_history")
    backends = [connection.info.backend_pid for connection in (mine, fellow)]
    lock = "LOCK TABLE market_data IN SHARE ROW EXCLUSIVE MODE"
    count = "SELECT etl._blocked_sessions(%s)"
    mine.execute("BEGIN")
    mine.execute(lock)
    assert one(mine, count, identity) == 0
    fellow.execute("BEGIN")
    with in_background(fellow.execute, lock) as waiting:
        wait_until(lambda: one(mine, count, identity) == 1)
        market.execute(
            "INSERT INTO etl.operation_worker"
            " (execution_id, worker_number, backend_pid, batch_number, batch_rows)"
            " VALUES (%s, 99, %s, 1, 1)",
            (identity, backends[1]),
        )
        try:
            assert one(mine, count, identity) == 0
        finally:
            mine.execute("COMMIT")
            waiting.result(timeout=120)
            fellow.execute("ROLLBACK")
            market.execute("DELETE FROM etl.operation_worker WHERE worker_number = 99")


# ---------------------------------------------------------------------------- WAL


def position(db):
    return float(one(db, "SELECT pg_current_wal_insert_lsn() - '0/0'"))


@pytest.mark.parametrize("sessions", [1, 2])
def test_wal_stays_within_its_rate(long_market, session, sessions):
    add_more(long_market, 14_000)
    long_market.execute("CHECKPOINT")
    limit = 4_000_000
    before, began = position(long_market), time.monotonic()
    with running(long_market, session(), batch_size=500, max_wal_rate=f"{limit} bytes") as (
        identity,
        future,
    ):
        if sessions == 2:
            call(long_market, "join_correction", correction_id=identity)
        else:
            wait_until(lambda: seen(long_market, identity, f"WAL to come down to {limit} bytes"))
        assert future.result(timeout=60).changed == 20_030
    seconds = time.monotonic() - began
    written = position(long_market) - before

    assert written > 2 * limit
    assert written / seconds < 1.2 * limit


@pytest.mark.parametrize(
    ("paid", "wait"), [(-1, None), (0.5, 0.5), (20, 1)], ids=["paid", "soon", "not soon"]
)
def test_it_waits_no_longer_than_it_owes(calm_market, paid, wait):
    """And a second at most before it looks again."""
    ((found, text),) = rows(
        calm_market,
        "SELECT extract(epoch FROM t.wait)::float, t.reason FROM etl._throttle("
        ' jsonb_populate_record(NULL::public.etl_execution_history, \'{"operation": "sync"}\'),'
        " jsonb_populate_record(NULL::etl.operation_control, jsonb_build_object("
        "   'limits', '{\"max_wal_rate\": \"1 MB\"}'::jsonb,"
        "   'wal_paid_at', clock_timestamp() + %s * interval '1 s')),"
        " jsonb_populate_record(NULL::etl.operation_worker, '{}')) t",
        paid,
    )
    if wait is None:
        assert (found, text) == (None, None)
    else:
        assert 0 < found <= wait
        assert found == 1 or paid < 1
        assert text == "WAL to come down to 1 MB a second"


def add_more(db, count):
    db.execute(
        """
        INSERT INTO market_data (id, symbol, timeframe, "timestamp", close)
        SELECT md5('more' || bar)::uuid, 'MSFT', '1m',
               timestamptz '2025-01-01 00:00+00' + bar * interval '1 minute', 100
          FROM generate_series(1, %s) AS bar
        """,
        (count,),
    )
    db.execute("ANALYZE market_data")


def test_a_lifted_wal_rate_leaves_no_debt(long_market, session):
    add_more(long_market, 14_000)
    options = {"batch_size": 5000, "adaptive": False, "max_wal_rate": "64 kB"}
    before = position(long_market)
    with running(long_market, session(), **options) as (identity, future):
        wait_until(lambda: batches(long_market) >= 1)
        owed = one(
            long_market,
            "SELECT 65536 * extract(epoch FROM c.wal_paid_at - b.started_at)::float"
            "  FROM etl.operation_control c JOIN etl.operation_batch b USING (execution_id)",
        )
        assert 5000 * 100 < owed <= position(long_market) - before, "what it wrote, and no more"
        wait_until(lambda: seen(long_market, identity, "WAL to come down to 64 kB"))
        lifted = select(long_market, "tune_operation", execution_id=identity, lift=["max_wal_rate"])
        assert [tuple(row) for row in lifted] == [("max_wal_rate", "64 kB", None)]
        assert future.result(timeout=120).status == "completed"


def test_a_slot_that_lags_behind_holds_it_up(market, session):
    slot = f"slot_{uuid.uuid4().hex[:8]}"
    market.execute("SELECT pg_create_physical_replication_slot(%s, true)", (slot,))
    try:
        market.execute(
            "SELECT pg_logical_emit_message(false, 'test', repeat('x', 500000))"
            " FROM generate_series(1, 6)"
        )
        with running(market, session(), max_slot_lag="2 MB") as (identity, future):
            wait_until(lambda: f"replication slot {slot}" in reason(market, identity))
            assert "limit 2 MB" in reason(market, identity)
            assert batches(market) == 0
            market.execute(
                "SELECT pg_replication_slot_advance(%s, pg_current_wal_flush_lsn())", (slot,)
            )
            assert future.result(timeout=120).status == "completed"
    finally:
        market.execute("SELECT pg_drop_replication_slot(%s)", (slot,))


# ---------------------------------------------------------------------------- duty cycle


def processor_seconds(session):
    """Return how long a session has computed so far."""
    fields = Path(f"/proc/{session.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share_of_work(worker, function, *values, **options):
    """Run something in a session; return its result, and the share of the time it computed."""
    before, began = processor_seconds(worker), time.monotonic()
    done = function(worker, *values, **options)
    return done, (processor_seconds(worker) - before) / (time.monotonic() - began)


def test_a_duty_cycle_is_kept_within_batches(long_market, session):
    """In a correction and its rollback, each a batch or two a phase; nothing else differs."""
    add_more(long_market, 14_000)
    before = classes(long_market)
    worker = session()
    options = {"batch_size": 100_000, "adaptive": False, "max_duty_cycle": 5}
    done, share = share_of_work(worker, correct, **options)
    assert share < 0.5
    assert classes(long_market) == expected_classes(long_market)
    assert (done.changed, done.batches <= 5) == (20_030, True)

    undone, share = share_of_work(worker, rollback, done.correction_id, **options)
    assert share < 0.5
    assert undone.changed == done.changed
    assert classes(long_market) == before


def test_a_duty_cycle_is_tuned_by_the_next_batch(long_market, session):
    worker = session()
    with running(long_market, worker, batch_size=100, adaptive=False, max_duty_cycle=1) as (
        identity,
        future,
    ):
        wait_until(lambda: batches(long_market) >= 1)
        select(long_market, "tune_operation", execution_id=identity, lift=["max_duty_cycle"])
        assert future.result(timeout=120).status == "completed"
    assert history(long_market, identity).parameters["max_duty_cycle"] == 1


@pytest.mark.parametrize(("duty_cycle", "idle"), [(20, 0.002), (80, 0.001)])
def test_it_sleeps_for_its_share_of_the_time(calm_market, duty_cycle, idle):
    """Idle time is of whole milliseconds, and busy time as long as that asks for.

    Looked at are the times between which it decided, and the ends of the two busy times.
    """
    busy = idle * duty_cycle / (100 - duty_cycle)
    over = "nullif(current_setting('mytrader_etl.busy_until', true), '')::float / 1000"
    looks = rows(
        calm_market,
        f"""
        WITH look AS MATERIALIZED (
            SELECT extract(epoch FROM clock_timestamp())::float AS began, {over} AS over_before,
                   etl._keep_duty_cycle(%s), {over} AS over_after,
                   extract(epoch FROM clock_timestamp())::float AS ended
              FROM generate_series(1, 20000))
        SELECT began, over_before, over_after, ended FROM look OFFSET 1
        """,
        duty_cycle,
    )
    instant = 0.00001
    sleeps = 0
    for began, over_before, over_after, ended in looks:
        if over_after == over_before:
            assert began < over_before + instant, "its busy time was not over"
        else:
            sleeps += 1
            assert ended > over_before - instant, "its busy time was over"
            assert ended - began >= idle, "it slept"
            assert began + idle + busy - instant <= over_after <= ended + busy + instant
    assert 0 < sleeps < len(looks)


def test_without_a_limit_no_statement_sleeps(calm_market):
    for duty_cycle in (None, 100):
        clause = one(
            calm_market,
            "SELECT etl._duty_cycle_expression(jsonb_populate_record(NULL::etl.operation_control,"
            " jsonb_build_object('limits', jsonb_strip_nulls(jsonb_build_object("
            "'max_duty_cycle', %s::int)))), NULL)",
            duty_cycle,
        )
        assert clause is None


# ---------------------------------------------------------------------------- vacuum


def test_dead_rows_slow_it_down(long_market, session):
    """It goes on, a batch a second, until vacuum has been there."""
    long_market.execute("ALTER TABLE market_data SET (autovacuum_enabled = off)")
    application = session()
    application.execute("UPDATE market_data SET volume = 1")
    application.execute("SELECT pg_stat_force_next_flush()")
    wait_until(lambda: one(application, DEAD, uuid.uuid4()) > 40)
    options = SLOWLY | {"batch_size": 200, "max_dead_rows": 20}
    with running(long_market, session(), **options) as (identity, future):
        wait_until(lambda: seen(long_market, identity, "% of the rows are dead, limit 20 %"))
        wait_until(lambda: batches(long_market) >= 1)
        began, first = time.monotonic(), batches(long_market)
        wait_until(lambda: batches(long_market) >= first + 2)
        assert time.monotonic() - began > 1
        select(long_market, "tune_operation", execution_id=identity, max_dead_rows=60, **QUICKLY)
        application.execute("VACUUM market_data")
        assert future.result(timeout=120).status == "completed"
    assert classes(long_market) == expected_classes(long_market)


DEAD = "SELECT etl._dead_rows(%s, 'market_data')"


def test_its_own_dead_rows_count_before_they_are_reported(long_market, session):
    long_market.execute("ALTER TABLE market_data SET (autovacuum_enabled = off)")
    long_market.execute("VACUUM ANALYZE market_data")
    options = SLOWLY | {"batch_size": 500, "max_dead_rows": 10}
    with running(long_market, session(), **options) as (identity, future):
        wait_until(lambda: seen(long_market, identity, "% of the rows are dead, limit 10 %"))
        assert one(long_market, "SELECT pg_stat_get_dead_tuples('market_data'::regclass)") == 0
        changed = history(long_market, identity).records_changed
        share = float(one(long_market, DEAD, identity))
        assert 0 < changed < 6030
        assert share >= 10
        select(
            long_market,
            "tune_operation",
            execution_id=identity,
            lift=["max_dead_rows"],
            **QUICKLY,
        )
        future.result(timeout=120)
    assert one(long_market, DEAD, uuid.uuid4()) is not None


def test_an_old_snapshot_holds_it_up(market, session):
    report = session()
    report.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    report.execute("SELECT count(*) FROM symbols")
    time.sleep(1.1)
    with running(market, session(), max_snapshot_age="1 s") as (identity, future):
        wait_until(lambda: f"pid {report.info.backend_pid}" in reason(market, identity))
        assert "held back vacuum" in reason(market, identity)
        assert batches(market) == 0
        report.execute("COMMIT")
        assert future.result(timeout=120).status == "completed"


@pytest.fixture
def aging_market(new_server):
    """The market on a server that vacuums it, slowly, because of the age of its transactions."""
    settings = {"autovacuum_naptime": "1s", "autovacuum_freeze_max_age": 100_000}
    with new_server(settings=settings) as server:
        deployment.up(server.dsn())
        with server_session(server) as db:
            db.execute(MARKET.read_text())
            add_blank_bars(db, 6000)
            db.execute(
                "ALTER TABLE market_data SET (autovacuum_vacuum_cost_delay = 60,"
                " autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_insert_threshold = -1,"
                " autovacuum_vacuum_threshold = 1000000)"
            )
            db.execute(
                "CREATE PROCEDURE age() LANGUAGE plpgsql AS $$ BEGIN FOR n IN 1 .. 100500 LOOP"
                " PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
            )
            db.execute("SET synchronous_commit = off")
            db.execute("CALL age()")
            yield server, db


VACUUMED = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE query LIKE 'autovacuum: VACUUM % public.market_data (to prevent wraparound)'"
    "    OR query = 'autovacuum: VACUUM public.market_data (to prevent wraparound)'"
)


def test_a_vacuum_to_prevent_wraparound_goes_first(aging_market):
    server, db = aging_market
    wait_until(lambda: one(db, VACUUMED) == 1, seconds=60)
    with server_session(server) as worker, running(db, worker) as (identity, future):
        wait_until(lambda: "to prevent wraparound" in reason(db, identity))
        assert "vacuum of public.market_data" in reason(db, identity)
        assert (one(db, VACUUMED), batches(db)) == (1, 0)
        db.execute("CREATE ROLE nobody_special; GRANT USAGE ON SCHEMA etl TO nobody_special")
        db.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA etl TO nobody_special")
        db.execute("SET ROLE nobody_special")
        assert one(db, "SELECT etl._wraparound_vacuum('market_data')::text") == "market_data"
        assert one(db, "SELECT etl._wraparound_vacuum('symbols')::text") is None
        db.execute("RESET ROLE")
        assert future.result(timeout=120).status == "completed"
        assert one(db, "SELECT age(relfrozenxid) FROM pg_class WHERE relname = 'market_data'") < (
            100_000
        )


# ---------------------------------------------------------------------------- what is not seen


@pytest.fixture
def blind(db):
    """Make the session one that may not see the statistics of others."""
    name = f"blind_{uuid.uuid4().hex[:8]}"
    db.execute(f"CREATE ROLE {name}; GRANT USAGE ON SCHEMA etl TO {name}")
    db.execute(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA etl TO {name}")
    notices = []
    db.add_notice_handler(
        lambda d: notices.append((d.severity_nonlocalized, d.message_primary, d.message_hint))
    )
    yield name, notices
    db.execute("RESET ROLE")
    db.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


def test_a_limit_that_cannot_be_observed_is_said_so(market, blind):
    name, notices = blind
    limits = '{"max_replica_lag": "1 s", "max_snapshot_age": null, "max_wal_rate": "1 MB"}'
    market.execute("SELECT etl._warn_unseen(%s)", (limits,))
    assert notices == []
    market.execute(f"SET ROLE {name}")
    market.execute("SELECT etl._warn_unseen(%s)", (limits,))
    assert notices == [
        (
            "WARNING",
            "max_replica_lag cannot be observed: the limit has no effect",
            f"GRANT pg_read_all_stats TO {name};",
        )
    ]
    market.execute("SELECT etl._warn_unseen('{\"max_replica_lag\": null}')")
    assert len(notices) == 1


def test_the_preflight_tells_what_is_hidden(market, blind):
    name, _ = blind
    found = "SELECT f.risk FROM etl.correction_target t CROSS JOIN LATERAL etl._preflight(t) f"
    correct(market)
    assert ("hidden statistics",) not in rows(market, found)
    market.execute(f"GRANT SELECT ON etl.correction_target TO {name}; SET ROLE {name}")
    assert ("hidden statistics",) in rows(market, found)


# ---------------------------------------------------------------------------- tuning


def test_a_shortened_pause_ends(long_market, session):
    with running(
        long_market, session(), batch_size=100, adaptive=False, pause_between_batches="1 hour"
    ) as (identity, future):
        wait_until(lambda: seen(long_market, identity, "pause between batches"))
        select(long_market, "tune_operation", execution_id=identity, **QUICKLY)
        assert future.result(timeout=120).status == "completed"
    assert classes(long_market) == expected_classes(long_market)


def test_the_pause_before_a_retry_is_never_long(calm_market):
    """Whatever max_retries allows: 50 ms, 100, 200, then some seconds at most."""
    longest = [
        one(
            calm_market,
            "SELECT extract(epoch FROM e.wait)::float FROM etl._handle_error("
            "jsonb_populate_record(NULL::public.etl_execution_history,"
            ' \'{"operation": "sync"}\'),'
            " jsonb_populate_record(NULL::etl.operation_control, '{\"max_retries\": 100}'),"
            " jsonb_populate_record(NULL::etl.operation_worker, jsonb_build_object('attempts',"
            " %s::int)), '40P01', 'deadlock detected', NULL, NULL) e",
            attempts,
        )
        for attempts in (0, 1, 5, 20, 99)
    ]
    assert all(0 < wait <= 7.5 for wait in longest), longest
    assert longest[0] <= 0.075
    assert longest[1] <= 0.15
    assert min(longest[3:]) >= 2.5


LIMITS = {
    "max_replica_lag": ("00:00:10", "1 day"),
    "max_slot_lag": ("10 GB", "1 TB"),
    "max_wal_rate": ("20 MB", "1 GB"),
    "max_duty_cycle": ("50", "12.5"),
    "max_dead_rows": ("30", "99.5"),
    "max_snapshot_age": ("01:00:00", "12:00:00"),
    "allowed_hours": ("00:00-24:00 UTC", "00:00-23:59 UTC"),
}


def test_workers_under_a_limit_of_records_take_turns(long_market, session):
    """However long a batch takes: who has to wait does not give up."""
    long_market.execute(
        "CREATE FUNCTION rest() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_sleep(0.006); RETURN new; END $$;"
        "CREATE TRIGGER rest BEFORE UPDATE ON market_data FOR EACH ROW EXECUTE FUNCTION rest()"
    )
    identity = uuid.uuid4()
    options = {"batch_size": 100, "adaptive": False, "lock_timeout": "300 ms", "max_retries": 1}
    with in_background(
        correct, session(), correction_id=identity, max_records_to_process=500, **options
    ) as first:
        wait_until(lambda: batches(long_market) >= 1)
        joined = call(session(), "join_correction", correction_id=identity)
        assert first.result(timeout=120).status == joined.status == "completed"
    assert (joined.changed, history(long_market, identity).retries) == (500, 0)


def test_a_batch_of_an_earlier_phase_is_undone(calm_market):
    """A chunk may have been opened again meanwhile, for another purpose."""
    with raises("40001", message="has changed its phase"):
        calm_market.execute(
            "SELECT etl._finish_batch(jsonb_populate_record(c, jsonb_build_object("
            "'phase_started_at', c.phase_started_at - interval '1 ms')), w, NULL, 0, 0, 0, false)"
            "  FROM etl.operation_control c JOIN etl.operation_worker w USING (execution_id)"
        )


@pytest.mark.parametrize("job", ["correction", "rollback"])
def test_each_limit_is_set_changed_lifted_and_audited(long_market, session, job):
    """While the operation runs."""
    options = {name: first for name, (first, _) in LIMITS.items()}
    identity = uuid.uuid4()
    if job == "correction":
        work, arguments = correct, {"correction_id": identity}
    else:
        work = rollback
        arguments = {"correction_id": correct(long_market).correction_id, "rollback_id": identity}
    slowly = SLOWLY | {"batch_size": 10}
    with in_background(work, session(), **arguments, **options, **slowly) as future:
        done = "SELECT count(*) FROM etl.operation_batch WHERE execution_id = %s"
        wait_until(lambda: one(long_market, done, identity) >= 1)
        for name, (before, after) in LIMITS.items():
            changed = select(long_market, "tune_operation", execution_id=identity, **{name: after})
            assert [tuple(row) for row in changed] == [(name, before, after)]
            lifted = select(long_market, "tune_operation", execution_id=identity, lift=[name])
            assert [tuple(row) for row in lifted] == [(name, after, None)]
        assert history(long_market, identity).status == "running"
        select(long_market, "cancel_operation", execution_id=identity)
        assert future.exception(timeout=120).sqlstate == "ME012"
    assert rows(
        long_market,
        "SELECT key, value, after ? key, after ->> key FROM etl.audit_log, jsonb_each_text(before)"
        " WHERE action = 'tune' AND execution_id = %s ORDER BY audit_id",
        identity,
    ) == [
        entry
        for name, (before, after) in LIMITS.items()
        for entry in ((name, before, True, after), (name, after, True, None))
    ]
    given = history(long_market, identity).parameters
    assert {name: str(given[name]) for name in LIMITS} == options


@pytest.mark.parametrize(
    "tuning",
    [
        {"lift": ["batch_size"]},
        {"lift": [None]},
        {"lift": ["max_wal_rate"], "max_wal_rate": "1 MB"},
        {"max_wal_rate": "fast"},
        {"allowed_hours": "always"},
    ],
    ids=str,
)
def test_what_cannot_be_tuned(calm_market, tuning):
    identity = one(calm_market, "SELECT execution_id FROM public.etl_execution_history")
    with raises("ME003"):
        select(calm_market, "tune_operation", execution_id=identity, **tuning)
    assert rows(calm_market, "SELECT FROM etl.audit_log WHERE action = 'tune'") == []


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ("statement_timeout = '1d'", {"allowed_hours": "00:00-24:00 UTC"}),
        ("statement_timeout = '1h'", {}),
        ("transaction_timeout = '1h'", {}),
    ],
)
def test_a_timeout_of_the_session_is_refused(market, settings, options):
    if market.info.server_version < 170000 and "transaction" in settings:
        with raises("42704"):
            market.execute(f"SET {settings}")
        return
    market.execute(f"SET {settings}")
    with raises("ME008") as caught:
        correct(market, **options)
    cure, _ = caught.value.diag.message_hint.split(";", 1)
    market.execute(cure)
    assert correct(market, **options).status == "completed"


# ---------------------------------------------------------------------------- replicas


@pytest.fixture
def replicated_market(new_server):
    """The market on a server with a standby: (session on the primary, session on the standby)."""
    with new_server(settings={"wal_receiver_status_interval": "1s"}) as primary:
        deployment.up(primary.dsn())
        copy = primary.data_dir.parent / "standby"
        owner = primary.data_dir.stat()
        command = [primary.command("pg_basebackup"), "--pgdata", str(copy), "--no-sync"]
        command += ["--dbname", primary.dsn(), "--checkpoint", "fast", "--write-recovery-conf"]
        subprocess.run(command, check=True, capture_output=True)
        for path in (copy, *copy.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)
        with (
            new_server(data_dir=copy) as standby,
            server_session(primary) as db,
            server_session(standby) as replica,
        ):
            db.execute(MARKET.read_text())
            add_blank_bars(db, 6000)
            yield primary, db, replica


def test_a_failover_is_resumed_on_the_new_primary(replicated_market):
    """The primary crashes; what had not arrived is gone by whole batches, and is done again."""
    primary, db, replica = replicated_market
    expected = expected_classes(db)
    identity = uuid.uuid4()
    options = SLOWLY | {"batch_size": 100, "correction_id": identity}
    worker = server_session(primary)
    with in_background(correct, worker, **options) as future:
        wait_until(lambda: batches(db) >= 5)
        wait_until(lambda: batches(replica) >= 3)
        primary.stop("immediate")
    assert isinstance(future.exception(), psycopg.OperationalError)
    replica.execute("SELECT pg_promote()")
    assert 0 < history(replica, identity).records_changed < 6030
    status = select_one(replica, "correction_status", correction_id=identity)
    assert status.status == "interrupted"

    select(replica, "tune_operation", execution_id=identity, **QUICKLY)
    result = call(replica, "resume_correction", correction_id=identity)

    assert (result.status, result.changed) == ("completed", 6030)
    assert classes(replica) == expected
    assert one(replica, f"SELECT count(*) FROM {result.backup_table}") == 6030


def test_a_replica_that_lags_behind_holds_it_up(replicated_market):
    primary, db, replica = replicated_market
    options = SLOWLY | {"batch_size": 100, "max_replica_lag": "1 s"}
    with server_session(primary) as worker, running(db, worker, **options) as (identity, future):
        wait_until(lambda: batches(db) >= 3)
        replica.execute("SELECT pg_wal_replay_pause()")
        wait_until(lambda: "replica " in reason(db, identity))
        assert "behind, limit 00:00:01" in reason(db, identity)
        held = batches(db)
        time.sleep(1)
        assert batches(db) == held
        assert held < 60
        replica.execute("SELECT pg_wal_replay_resume()")
        wait_until(lambda: batches(db) > held)
        select(db, "tune_operation", execution_id=identity, **QUICKLY)
        assert future.result(timeout=120).status == "completed"
    assert classes(db) == expected_classes(db)
