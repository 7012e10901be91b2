"""Every ticker with bars gets a symbol, of the right class or of none; undone, all is as before."""

from __future__ import annotations

from typing import Any

import pytest
from sql_support import (
    Connection,
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
from symbol_tables import Platform, make_platform

LISTINGS: dict[tuple[str, str], str | None] = {
    ("BTCUSDT", "BINANCE"): "CRYPTO",
    ("ETH-USD", "BINANCE"): "CRYPTO",
    ("EURUSD=X", "FOREX_MARKET"): "FOREX",
    ("GC=F", "NASDAQ"): "COMMODITY",
    ("THYAO.IS", "BIST"): "STOCK_BIST",
    ("AAPL", "NASDAQ"): "STOCK",
    ("GARAN", "BIST"): "STOCK_BIST",
    ("ZZ 9 PLURAL Z", "BINANCE"): None,
}
SYNCS = "SELECT {} FROM etl_execution_history WHERE operation = 'sync'"
NEED_A_VENUE = ("AAPL", "GARAN")


def expected(platform: Platform) -> dict[str, str | None]:
    """Return the class that each ticker must get: where bars name no venue, from its form alone."""
    return {
        ticker: None if ticker in NEED_A_VENUE and not platform.bars_have_venues else value
        for (ticker, _), value in LISTINGS.items()
    }


def sync(platform: Platform, **options: Any) -> Any:
    return call(platform.db, "sync_symbols", **options)


def test_all_tickers_get_a_symbol(platform: Platform) -> None:
    platform.add_symbol("MSFT", "NASDAQ", asset_class="STOCK")
    platform.add_bars(*LISTINGS, ("MSFT", "NASDAQ"))
    wanted = expected(platform)

    done = sync(platform, reason="new feed")

    assert (done.status, done.changed, done.skipped, done.failed) == ("completed", 8, 0, 0)
    found = platform.symbols()
    assert len(found) == 9
    for (ticker, venue), (value, is_active) in found.items():
        if ticker == "MSFT":
            assert (venue, value, is_active) == ("NASDAQ", "STOCK", True)
            continue
        assert value == (wanted[ticker] or platform.no_class), ticker
        assert is_active is (wanted[ticker] is not None), ticker
        if platform.bars_have_venues:
            assert (ticker, venue) in LISTINGS
        else:
            assert venue == ("BIST" if ticker == "THYAO.IS" else None)
    unknown = sum(value is None for value in wanted.values())
    by_class: dict[str, int] = {}
    for value in wanted.values():
        by_class[value or "UNKNOWN"] = by_class.get(value or "UNKNOWN", 0) + 1
    result = done.result
    assert result["by_class"] == by_class
    assert {k: result[k] for k in ("discovered", "added", "updated", "skipped", "failed")} == {
        "discovered": 8,
        "added": 8,
        "updated": 0,
        "skipped": 0,
        "failed": 0,
    }
    assert (result["needing_review"], result["queued"], result["orphans_left"]) == (unknown, 8, 0)
    assert len(result["warnings"]) == 1
    assert f"{unknown} symbols" in result["warnings"][0]
    assert history(platform.db, done.sync_id).reason == "new feed"


def test_symbols_are_linked(platform: Platform) -> None:
    if not platform.is_linked:
        return
    platform.add_bars(*LISTINGS)
    sync(platform)
    classes, markets = (
        ('"AssetClasses"', '"Markets"')
        if platform.kind == "mixed_case"
        else ("asset_classes", "markets")
    )
    code = '"Code"' if platform.kind == "mixed_case" else "code"
    found = rows(
        platform.db,
        f"SELECT s.{platform.name('ticker')}, a.{code}, m.{code}, s.{platform.name('venue')}"
        f"  FROM {platform.name('symbols')} s"
        f"  LEFT JOIN {classes} a ON a.{platform.name('id')} = s.{platform.name('asset_class_id')}"
        f"  LEFT JOIN {markets} m ON m.{platform.name('id')} = s.{platform.name('market_id')}",
    )
    assert {(ticker, venue): (value, market) for ticker, value, market, venue in found} == {
        (ticker, venue): (value, venue) for (ticker, venue), value in LISTINGS.items()
    }


def test_currencies_are_filled_in(platform: Platform) -> None:
    platform.add_bars(("BTCUSDT", "BINANCE"))
    sync(platform)
    base = platform.name("base_currency") if platform.kind != "snake_case" else "base_asset"
    assert one(platform.db, f"SELECT {base} FROM {platform.name('symbols')}") == "BTC"


def test_rule_is_recorded_and_symbols_queued(platform: Platform) -> None:
    platform.add_bars(("BTCUSDT", "BINANCE"), ("ZZ 9 PLURAL Z", "BINANCE"))
    done = sync(platform)
    key_name = platform.name("id").strip('"')
    keys = {
        ticker: {key_name: key if isinstance(key, int) else str(key)}
        for ticker, key in rows(
            platform.db,
            f"SELECT {platform.name('ticker')}, {platform.name('id')}"
            f" FROM {platform.name('symbols')}",
        )
    }
    known, unknown = rows(
        platform.db,
        "SELECT ticker, asset_class, rule, needs_review, symbol_key, execution_id"
        " FROM etl.symbol_classification ORDER BY ticker",
    )
    explained = select_one(
        platform.db,
        "classify_symbol",
        ticker="BTCUSDT",
        venue="BINANCE" if platform.bars_have_venues else None,
    )
    assert known == ("BTCUSDT", "CRYPTO", explained.rule, False, keys["BTCUSDT"], done.sync_id)
    assert unknown[:2] == ("ZZ 9 PLURAL Z", "UNKNOWN")
    assert unknown[3:5] == (True, keys["ZZ 9 PLURAL Z"])
    queued = rows(
        platform.db, "SELECT ticker, status, symbol_key, execution_id FROM etl.enrichment_queue"
    )
    assert sorted(queued, key=lambda row: row[0]) == [
        (ticker, "queued", keys[ticker], done.sync_id) for ticker in ("BTCUSDT", "ZZ 9 PLURAL Z")
    ]


def test_not_queued_unless_wanted(created: Platform) -> None:
    created.add_bars(*LISTINGS)
    done = sync(created, auto_enrich_metadata=False)
    assert (done.changed, done.result["queued"]) == (8, 0)
    assert rows(created.db, "SELECT * FROM etl.enrichment_queue") == []


def test_second_run_changes_nothing(platform: Platform) -> None:
    platform.add_bars(*LISTINGS)
    sync(platform)
    before = platform.contents()
    again = sync(platform)
    assert (again.changed, again.result["discovered"]) == (0, 0)
    assert platform.contents() == before


def test_dry_run_changes_nothing(platform: Platform) -> None:
    platform.add_bars(*LISTINGS)
    before = platform.contents()
    dry = sync(platform, dry_run=True)
    assert dry.result["added"] == 8
    assert platform.contents() == before
    assert one(platform.db, "SELECT count(*) FROM etl.symbol_classification") == 0
    assert one(platform.db, "SELECT count(*) FROM etl.enrichment_queue") == 0
    assert one(platform.db, "SELECT count(*) FROM etl.row_change c") == (
        one(
            platform.db,
            "SELECT count(*) FROM etl.row_change c JOIN etl_execution_history h"
            " USING (execution_id) WHERE h.operation = 'bootstrap'",
        )
    )
    real = sync(platform)
    told = ("added", "by_class", "needing_review", "queued", "discovered")
    assert {k: real.result[k] for k in told} == {k: dry.result[k] for k in told}


def test_undo_restores_exactly(platform: Platform) -> None:
    platform.add_symbol("MSFT", "NASDAQ")
    platform.add_bars(*LISTINGS, ("MSFT", "NASDAQ"))
    before = platform.contents()
    done = sync(platform, skip_existing_symbols=False)
    assert platform.contents() != before

    undone = call(platform.db, "rollback_operation", execution_id=done.sync_id)

    assert (undone.status, undone.changed) == ("completed", 9)
    assert platform.contents() == before
    assert rows(platform.db, "SELECT * FROM etl.symbol_classification") == []
    assert rows(platform.db, "SELECT * FROM etl.enrichment_queue") == []
    assert history(platform.db, done.sync_id).status == "rolled_back"
    assert sync(platform).changed == 8


def test_undo_keeps_what_others_changed_since(created: Platform) -> None:
    created.add_bars(("BTCUSDT", "BINANCE"), ("ETH-USD", "BINANCE"))
    done = sync(created)
    created.db.execute("UPDATE symbols SET name = 'Bitcoin' WHERE ticker = 'BTCUSDT'")
    undone = call(created.db, "rollback_operation", execution_id=done.sync_id)
    assert (undone.changed, undone.skipped) == (1, 1)
    assert rows(created.db, "SELECT ticker, name FROM symbols") == [("BTCUSDT", "Bitcoin")]
    for table in ("symbol_classification", "enrichment_queue"):
        assert rows(created.db, f"SELECT ticker FROM etl.{table}") == [("BTCUSDT",)]


def test_existing_symbols_are_completed_not_overwritten(platform: Platform) -> None:
    platform.add_symbol("BTCUSDT", "BINANCE")
    platform.add_symbol("ETH-USD", "BINANCE", asset_class="STOCK")
    platform.add_symbol("ZZ 9 PLURAL Z", "BINANCE")
    skipped = sync(platform)
    assert skipped.changed == 0
    done = sync(platform, skip_existing_symbols=False)
    found = {ticker: value for (ticker, _), (value, _) in platform.symbols().items()}
    assert found["BTCUSDT"] == "CRYPTO"
    assert found["ETH-USD"] == "STOCK"
    assert found["ZZ 9 PLURAL Z"] in (None, "")
    assert done.result["added"] == 0
    assert done.result["updated"] == (3 if platform.is_linked else 1)
    assert rows(
        platform.db, "SELECT ticker, venue, asset_class FROM etl.symbol_classification"
    ) == [("BTCUSDT", "BINANCE", "CRYPTO")]
    assert sync(platform, skip_existing_symbols=False).changed == 0


def test_filters(platform: Platform) -> None:
    platform.add_bars(*LISTINGS)
    crypto = sync(platform, asset_class_filter=["crypto"])
    assert {ticker for ticker, _ in platform.symbols()} == {"BTCUSDT", "ETH-USD"}
    assert (crypto.changed, crypto.skipped, crypto.result["orphans_left"]) == (2, 6, 6)
    sync(platform, venue_filter=["Borsa Istanbul"])
    added = {"THYAO.IS", "GARAN"} if platform.bars_have_venues else {"THYAO.IS"}
    assert {ticker for ticker, _ in platform.symbols()} == {"BTCUSDT", "ETH-USD"} | added
    sync(platform, asset_class_filter=["UNKNOWN"])
    assert ("ZZ 9 PLURAL Z", "BINANCE" if platform.bars_have_venues else None) in platform.symbols()


@pytest.mark.parametrize(
    "options",
    [
        {"asset_class_filter": []},
        {"venue_filter": []},
        {"batch_size": 0},
        {"max_concurrency": 0},
        {"max_processing_time": "0"},
        {"dry_run": None},
    ],
)
def test_options_are_checked(created: Platform, options: dict[str, Any]) -> None:
    with raises("ME003"):
        sync(created, **options)
    assert rows(created.db, SYNCS.format("*")) == []


def test_another_spelling_takes_the_class_and_stays_inactive(platform: Platform) -> None:
    platform.add_symbol("AAPL", "NASDAQ", asset_class="ETF")
    platform.add_bars(("aapl ", "NASDAQ"), ("SOL-USD", "BINANCE"), ("sol-usd", "BINANCE"))
    done = sync(platform)
    found = {ticker: state for (ticker, _), state in platform.symbols().items()}
    assert found == {
        "AAPL": ("ETF", True),
        "aapl ": ("ETF", False),
        "SOL-USD": ("CRYPTO", True),
        "sol-usd": ("CRYPTO", False),
    }
    assert done.result["orphans_left"] == 0
    assert "'aapl ', 'sol-usd'" in done.result["warnings"][0]
    assert one(
        platform.db, "SELECT rule FROM etl.symbol_classification WHERE ticker = 'aapl '"
    ) == ("same_ticker")


def test_partners_of_another_spelling_do_not_decide(created: Platform) -> None:
    created.add_symbol("F.IS", "BIST", asset_class="STOCK_BIST")
    created.add_bars(("F", None))
    sync(created)
    assert created.symbols()["F", None] == (None, False)


def test_one_symbol_for_each_venue(created: Platform) -> None:
    """A venue is written like its market; bars that name none belong to those that do."""
    created.add_bars(("BTCUSD", "COINBASE"), ("BTCUSD", "bitfinex"), ("BTCUSD", None))
    created.add_bars(("BTCUSD", " Coinbase"))
    sync(created)
    assert set(created.symbols()) == {("BTCUSD", "COINBASE"), ("BTCUSD", "BITFINEX")}


def test_blank_tickers_are_none(created: Platform) -> None:
    created.add_bars((" ", "BINANCE"), ("BTCUSDT", "BINANCE"))
    done = sync(created)
    assert (done.changed, done.skipped, done.result["orphans_left"]) == (1, 1, 1)
    assert set(created.symbols()) == {("BTCUSDT", "BINANCE")}


def test_column_with_a_class_of_its_own_is_not_believed(db: Connection) -> None:
    """A default would be a guess."""
    db.execute(
        "CREATE TABLE symbols (id serial PRIMARY KEY, ticker text UNIQUE,"
        " asset_class text DEFAULT 'STOCK', is_active boolean);"
        "CREATE TABLE market_data (id serial PRIMARY KEY, symbol text, asset_class text);"
        "INSERT INTO market_data (symbol) VALUES ('NOBODY KNOWS ME')"
    )
    call(db, "sync_symbols")
    assert rows(db, "SELECT ticker, asset_class, is_active FROM symbols") == [
        ("NOBODY KNOWS ME", "UNKNOWN", False)
    ]


def test_a_table_of_the_least_columns(db: Connection) -> None:
    """Without is_active and classes by id; a name that has to be given is the ticker's."""
    db.execute(
        "CREATE TABLE symbols (id serial PRIMARY KEY, ticker text UNIQUE, asset_class text,"
        " name text NOT NULL);"
        "CREATE TABLE market_data (id serial PRIMARY KEY, symbol text, asset_class text);"
        "INSERT INTO market_data (symbol) VALUES ('BTCUSDT')"
    )
    call(db, "sync_symbols")
    assert rows(db, "SELECT ticker, asset_class, name FROM symbols") == [
        ("BTCUSDT", "CRYPTO", "BTCUSDT")
    ]
    status = select_one(db, "symbol_sync_status")
    assert (status.status, status.total_symbols, status.active_symbols) == ("healthy", 1, 1)


def test_a_name_of_your_own(db: Connection) -> None:
    db.execute(
        "CREATE TABLE symbols (id serial PRIMARY KEY, ticker text UNIQUE, asset_class text,"
        " name text NOT NULL);"
        "CREATE TABLE market_data (id serial PRIMARY KEY, symbol text, asset_class text);"
        "INSERT INTO market_data (symbol) VALUES ('BTCUSDT')"
    )
    db.execute("SELECT * FROM etl.set_column_default('symbols', 'name', 'to be named')")
    call(db, "sync_symbols")
    assert rows(db, "SELECT ticker, name FROM symbols") == [("BTCUSDT", "to be named")]


def test_what_cannot_be_stored_is_a_failed_record(created: Platform) -> None:
    created.db.execute(
        "ALTER TABLE symbols ALTER asset_class_id SET NOT NULL,"
        " ADD CHECK (ticker <> 'DOGEUSDT'), ALTER ticker TYPE varchar(12)"
    )
    created.add_bars(
        ("BTCUSDT", "BINANCE"),
        ("DOGEUSDT", "BINANCE"),
        ("ZZ 9 PLURAL Z", "BINANCE"),
        ("BTC-USD-PERPETUAL", "BINANCE"),
    )
    done = sync(created)
    assert done.status == "completed_with_errors"
    assert set(created.symbols()) == {("BTCUSDT", "BINANCE")}
    failed = rows(
        created.db,
        "SELECT match_value, sqlstate FROM etl.failed_record WHERE execution_id = %s ORDER BY 1",
        done.sync_id,
    )
    assert [ticker for ticker, _ in failed] == ["BTC-USD-PERPETUAL", "DOGEUSDT", "ZZ 9 PLURAL Z"]
    assert done.failed == done.result["failed"] == 3
    assert done.result["orphans_left"] == 3


def test_after_a_sync_the_correction_maps_what_was_orphaned(platform: Platform) -> None:
    """The whole point: orphans go to zero, quality rises."""
    listings = [
        listing
        for listing in LISTINGS
        if platform.bars_have_venues or listing[0] not in NEED_A_VENUE
    ][:-1]
    platform.add_bars(*listings, ("btcusdt", "BINANCE"), count=10)
    bars = len(listings) * 10 + 10
    before = select_one(platform.db, "analyze_asset_classes")
    assert (before.orphaned_records, before.orphaned_symbols) == (bars, len(listings) + 1)
    assert before.data_quality_score == 0
    assert correct(platform.db).changed == 0
    assert select_one(platform.db, "symbol_sync_status").orphaned_tickers == len(listings) + 1

    assert sync(platform).result["orphans_left"] == 0
    done = correct(platform.db)

    assert done.changed == bars
    after = select_one(platform.db, "analyze_asset_classes")
    assert (after.orphaned_records, after.data_quality_score) == (0, 100)
    found = rows(
        platform.db,
        f"SELECT DISTINCT {platform.name('symbol')}, {platform.name('bar_class')}"
        f" FROM {platform.name('market_data')}",
    )
    wanted = {ticker: LISTINGS[ticker, venue] for ticker, venue in listings}
    assert dict(found) == wanted | {"btcusdt": "CRYPTO"}


def test_start_can_be_repeated(created: Platform) -> None:
    created.add_bars(*LISTINGS)
    done = sync(created)
    again = sync(created, sync_id=done.sync_id)
    assert again == done
    assert (
        one(created.db, "SELECT count(*) FROM etl_execution_history WHERE operation = 'sync'") == 1
    )


def test_timed_out_and_resumed(created: Platform, session: Any) -> None:
    created.add_bars(*LISTINGS)
    other = session()
    with other.transaction(), raises("ME011") as caught:
        other.execute("LOCK TABLE symbols IN SHARE ROW EXCLUSIVE MODE")
        sync(created, max_processing_time="1 second", batch_size=1)
    assert "resume" in caught.value.diag.message_hint
    assert created.symbols() == {}
    sync_id = one(
        created.db, "SELECT execution_id FROM etl_execution_history WHERE operation = 'sync'"
    )
    call(created.db, "resume_correction", correction_id=sync_id, timeout="1 hour")
    assert len(created.symbols()) == 8
    assert history(created.db, sync_id).result["added"] == 8


def test_killed_and_resumed(created: Platform, session: Any) -> None:
    """A backend that dies between two batches leaves what it has committed, and no more."""
    count = 60
    created.add_bars(*((f"{n}INCHUSDT", "BINANCE") for n in range(count)), count=1)
    victim = session()
    pid = victim.info.backend_pid
    created.db.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END';"
        "CREATE TRIGGER slow BEFORE INSERT ON symbols FOR EACH ROW EXECUTE FUNCTION slow()"
    )

    def die() -> None:
        with raises("57P01"):
            call(victim, "sync_symbols", batch_size=1)

    with in_background(die) as death:
        wait_until(lambda: len(created.symbols()) > 5)
        created.db.execute("SELECT pg_terminate_backend(%s)", (pid,))
        death.result()
    sync_id, status = rows(
        created.db,
        "SELECT execution_id, status FROM etl.execution_history() WHERE operation = 'sync'",
    )[0]
    assert status == "interrupted"
    partly = len(created.symbols())
    assert 5 < partly < count
    assert one(created.db, "SELECT count(*) FROM etl.symbol_classification") == partly
    call(created.db, "resume_correction", correction_id=sync_id)
    assert len(created.symbols()) == count
    for table in ("symbol_classification", "enrichment_queue"):
        assert one(created.db, f"SELECT count(DISTINCT symbol_key) FROM etl.{table}") == count
        assert one(created.db, f"SELECT count(*) FROM etl.{table}") == count
    result = history(created.db, sync_id).result
    assert (result["added"], result["by_class"]) == (count, {"CRYPTO": count})


@pytest.mark.parametrize("kind", ["created", "mixed_case"])
def test_two_sessions(kind: str, db: Connection, session: Any) -> None:
    platform = make_platform(kind, db)
    count = 400
    platform.add_bars(*((f"{n}INCHUSDT", "BINANCE") for n in range(count)), count=1)
    sync_id = one(db, "SELECT gen_random_uuid()")
    others = [session(), session()]
    with (
        in_background(call, others[0], "sync_symbols", sync_id=sync_id, batch_size=5) as first,
        in_background(call, others[1], "sync_symbols", sync_id=sync_id, batch_size=5) as second,
    ):
        assert first.result().status == second.result().status == "completed"
    assert len(platform.symbols()) == count
    assert history(db, sync_id).records_changed == count
    assert one(db, "SELECT count(*) FROM etl.symbol_classification") == count


@pytest.mark.parametrize("unique", ["ticker, venue", "ticker", None])
@pytest.mark.parametrize("venue", ["BINANCE", None])
def test_race_makes_no_duplicate(
    db: Connection, session: Any, unique: str | None, venue: str | None
) -> None:
    """Another writer adds the same tickers while the sync has found them missing."""
    db.execute(
        "CREATE TABLE symbols (id serial PRIMARY KEY, ticker text NOT NULL, venue text,"
        " asset_class text, is_active boolean);"
        "CREATE TABLE market_data (id serial PRIMARY KEY, symbol text, venue text,"
        " asset_class text)"
    )
    if unique is not None:
        db.execute(f"ALTER TABLE symbols ADD UNIQUE ({unique})")
    db.execute(
        "INSERT INTO market_data (symbol, venue)"
        " SELECT n || 'INCHUSDT', %s FROM generate_series(1, 40) n",
        (venue,),
    )
    writer, worker = session(), session()
    writer.execute("BEGIN")
    writer.execute(
        "INSERT INTO symbols (ticker, venue, asset_class)"
        " SELECT n || 'INCHUSDT', %s, 'mine' FROM generate_series(1, 20) n",
        (venue,),
    )
    with in_background(call, worker, "sync_symbols", batch_size=10) as running:
        wait_until(
            lambda: (
                one(
                    db,
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE pid = %s AND wait_event_type = 'Lock'",
                    worker.info.backend_pid,
                )
                == 1
            )
        )
        writer.execute("COMMIT")
        done = running.result()
    assert done.failed == 0
    assert one(db, "SELECT count(*) FROM symbols") == 40
    assert one(db, "SELECT count(DISTINCT ticker) FROM symbols") == 40
    assert one(db, "SELECT count(*) FROM symbols WHERE asset_class = 'mine'") == 20
    assert (done.changed, done.skipped) == (20, 20)


def test_guard(created: Platform, session: Any) -> None:
    created.add_bars(*LISTINGS)
    blocker, worker = session(), session()
    blocker.execute("BEGIN")
    blocker.execute("LOCK TABLE symbols IN SHARE ROW EXCLUSIVE MODE")
    with in_background(call, worker, "sync_symbols") as running:
        wait_until(lambda: bool(select(created.db, "execution_history", operation="sync")))
        with raises("ME001"):
            sync(created)
        assert select_one(created.db, "symbol_sync_status").is_running
        blocker.execute("ROLLBACK")
        assert running.result().changed == 8


def test_other_targets(created: Platform) -> None:
    created.db.execute(
        "CREATE TABLE quotes (id serial PRIMARY KEY, pair text, asset_class text);"
        "INSERT INTO quotes (pair) VALUES ('BTCUSDT'), ('EURUSD');"
        "CREATE TABLE elsewhere (ticker text, asset_class text)"
    )
    common = {"fact_table": "quotes", "match_column": "pair"}
    call(created.db, "register_target", target="quotes", dimension_table="symbols", **common)
    call(created.db, "register_target", target="other", dimension_table="elsewhere", **common)
    assert sync(created, target="quotes").changed == 2
    assert {ticker for ticker, _ in created.symbols()} == {"BTCUSDT", "EURUSD"}
    with raises("ME003"):
        sync(created, target="other")
    with raises("ME004"):
        sync(created, target="nowhere")


def test_status(created: Platform) -> None:
    created.add_bars(("BTCUSDT", "BINANCE"), ("ZZ 9 PLURAL Z", "BINANCE"))
    first = select_one(created.db, "symbol_sync_status")
    assert (first.status, first.last_sync_id, first.orphaned_tickers) == ("unknown", None, None)
    select(created.db, "analyze_asset_classes")
    orphaned = select_one(created.db, "symbol_sync_status")
    assert (orphaned.status, orphaned.orphaned_tickers, orphaned.orphaned_bars) == (
        "unhealthy",
        2,
        6,
    )
    done = sync(created)
    created.db.execute("SELECT pg_stat_reset()")
    after = select_one(created.db, "symbol_sync_status")
    assert (after.status, after.is_healthy) == ("degraded", False)
    assert (after.last_sync_id, after.last_sync_status, after.last_added) == (
        done.sync_id,
        "completed",
        2,
    )
    assert (after.total_symbols, after.active_symbols, after.unclassified_symbols) == (2, 1, 1)
    assert (after.needing_review, after.queued_for_enrichment) == (1, 2)
    assert (after.orphaned_tickers, after.orphaned_bars) == (0, 0)
    assert len(after.issues) == 2
    created.db.execute("UPDATE symbols SET asset_class = 'CRYPTO'")
    healthy = select_one(created.db, "symbol_sync_status")
    assert (healthy.status, healthy.is_healthy, healthy.issues) == ("healthy", True, [])
