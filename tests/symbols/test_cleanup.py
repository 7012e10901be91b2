"""Each issue provoked by one row; what is fixed, what is left, and that all can be undone."""

from __future__ import annotations

from typing import Any

import pytest
from sql_support import (
    Connection,
    Work,
    call,
    history,
    in_background,
    one,
    raises,
    rows,
    rows_read,
    select,
    select_one,
    wait_until,
    work,
)
from symbol_tables import Platform


def cleanup(platform: Platform, **options: Any) -> Any:
    return call(platform.db, "validate_cleanup_symbols", **options)


def findings(db: Connection, **options: Any) -> set[tuple[str, str, bool]]:
    return {
        (row.ticker, row.issue_type, row.is_fixed)
        for row in select(db, "symbol_findings", **options)
    }


def expect(platform: Platform, *issues: tuple[str, str, bool], **options: Any) -> Any:
    """Clean up; expect these findings, but for missing links to asset class and market."""
    done = cleanup(platform, **options)
    found = findings(platform.db)
    unlinked = {"missing_market"} - {issue for _, issue, _ in issues}
    assert {row for row in found if row[1] not in unlinked} == set(issues)
    assert done.result["findings"] == len(select(platform.db, "symbol_findings"))
    return done


def bars(platform: Platform, *tickers: str) -> None:
    platform.add_bars(*((ticker, None) for ticker in tickers))


def state(platform: Platform) -> dict[str, Any]:
    return {ticker: row for (ticker, _), row in platform.symbols().items()}


def linked(platform: Platform, value: str, venue: str = "BINANCE") -> dict[str, Any]:
    """Return the links of a symbol, where it has any."""
    if not platform.is_linked:
        return {"asset_class": value}
    tables = ('"AssetClasses"', '"Markets"', '"Id"', '"Code"')
    if platform.kind == "created":
        tables = ("asset_classes", "markets", "id", "code")
    get = "SELECT {} FROM {} WHERE {} = %s"
    return {
        "asset_class": value,
        "asset_class_id": one(platform.db, get.format(tables[2], tables[0], tables[3]), value),
        "market_id": one(platform.db, get.format(tables[2], tables[1], tables[3]), venue),
    }


def test_nothing_is_wrong(platform: Platform) -> None:
    platform.add_symbol("BTCUSDT", "BINANCE", **linked(platform, "CRYPTO"))
    bars(platform, "BTCUSDT")
    before = platform.contents()
    done = cleanup(platform)
    assert findings(platform.db) == set()
    assert (done.status, done.changed) == ("completed", 0)
    assert platform.contents() == before


def test_malformed_tickers_are_deactivated(platform: Platform) -> None:
    platform.add_symbol("BTC<USDT>", "BINANCE", **linked(platform, "CRYPTO"))
    bars(platform, "BTC<USDT>")
    expect(platform, ("BTC<USDT>", "malformed_ticker", True))
    assert state(platform) == {"BTC<USDT>": ("CRYPTO", False)}


def test_ticker_is_trimmed_where_nothing_depends_on_it(platform: Platform) -> None:
    platform.add_symbol(" btcusdt", "BINANCE", **linked(platform, "CRYPTO"))
    bars(platform, "BTCUSDT")
    expect(platform, (" btcusdt", "ticker_form", True), (" btcusdt", "active_without_bars", False))
    assert state(platform) == {"BTCUSDT": ("CRYPTO", True)}
    assert select(platform.db, "find_orphaned_symbols") == []


def test_ticker_that_bars_carry_is_left(platform: Platform) -> None:
    """Trimmed, its bars would be orphans."""
    platform.add_symbol("btcusdt ", "BINANCE", **linked(platform, "CRYPTO"))
    bars(platform, "btcusdt ")
    expect(platform, ("btcusdt ", "ticker_form", False))
    assert state(platform) == {"btcusdt ": ("CRYPTO", True)}


def test_ticker_that_would_collide_is_deactivated(platform: Platform) -> None:
    platform.add_symbol("BTCUSDT", "BINANCE", **linked(platform, "CRYPTO"))
    platform.add_symbol("btcusdt", "Binance", **linked(platform, "CRYPTO"))
    bars(platform, "BTCUSDT")
    expect(
        platform,
        ("btcusdt", "ticker_form", False),
        ("btcusdt", "duplicate", True),
        ("btcusdt", "active_without_bars", False),
    )
    assert state(platform) == {"BTCUSDT": ("CRYPTO", True), "btcusdt": ("CRYPTO", False)}


def test_duplicates_that_disagree_are_left(platform: Platform) -> None:
    platform.add_symbol("BTCUSDT", "BINANCE", **linked(platform, "CRYPTO"))
    platform.add_symbol("btcusdt", "BINANCE", **linked(platform, "FOREX"))
    bars(platform, "BTCUSDT", "btcusdt")
    expect(
        platform,
        ("btcusdt", "ticker_form", False),
        ("btcusdt", "duplicate", False),
        ("btcusdt", "class_against_venue", False),
    )
    assert state(platform) == {"BTCUSDT": ("CRYPTO", True), "btcusdt": ("FOREX", True)}


def test_missing_class_is_filled_where_a_rule_is_sure(platform: Platform) -> None:
    platform.add_symbol("BTCUSDT", "BINANCE")
    platform.add_symbol("ZZ 9 PLURAL Z", "BINANCE")
    bars(platform, "BTCUSDT", "ZZ 9 PLURAL Z")
    done = expect(
        platform, ("BTCUSDT", "missing_class", True), ("ZZ 9 PLURAL Z", "missing_class", False)
    )
    assert state(platform)["BTCUSDT"] == ("CRYPTO", True)
    assert state(platform)["ZZ 9 PLURAL Z"][0] in (None, "")
    assert rows(
        platform.db,
        "SELECT ticker, venue, asset_class, execution_id FROM etl.symbol_classification",
    ) == [("BTCUSDT", "BINANCE", "CRYPTO", done.cleanup_id)]
    if platform.is_linked:
        key = platform.name("asset_class_id")
        links = rows(platform.db, f"SELECT {key} FROM {platform.name('symbols')}")
        assert set(links) == {(linked(platform, "CRYPTO")["asset_class_id"],), (None,)}


def test_class_written_otherwise_is_corrected(platform: Platform) -> None:
    platform.add_symbol(
        "BTCUSDT", "BINANCE", **{**linked(platform, "CRYPTO"), "asset_class": " crypto"}
    )
    bars(platform, "BTCUSDT")
    expect(platform, ("BTCUSDT", "unknown_class", True))
    assert state(platform) == {"BTCUSDT": ("CRYPTO", True)}


def test_unknown_class_is_left_to_somebody(platform: Platform) -> None:
    platform.add_symbol(
        "BTCUSDT", "BINANCE", **{**linked(platform, "CRYPTO"), "asset_class": "COIN"}
    )
    bars(platform, "BTCUSDT")
    expect(platform, ("BTCUSDT", "unknown_class", False))
    assert state(platform) == {"BTCUSDT": ("COIN", True)}


def test_class_against_venue_is_left_to_somebody(platform: Platform) -> None:
    platform.add_symbol("THYAO", "BIST", **linked(platform, "STOCK", "BIST"))
    platform.add_symbol("SPY", "NYSE", **linked(platform, "ETF", "NYSE"))  # a fund may be
    bars(platform, "THYAO", "SPY")
    expect(platform, ("THYAO", "class_against_venue", False))
    assert state(platform)["THYAO"] == ("STOCK", True)


def test_missing_market(platform: Platform) -> None:
    for ticker, venue in (("BTCUSDT", "BINANCE"), ("ETHUSDT", "NO SUCH VENUE")):
        given = linked(platform, "CRYPTO")
        given.pop("market_id", None)
        platform.add_symbol(ticker, venue, **given)
    platform.add_symbol("XRPUSDT", "", **linked(platform, "CRYPTO"))
    bars(platform, "BTCUSDT", "ETHUSDT", "XRPUSDT")
    if not platform.is_linked:
        expect(platform, ("XRPUSDT", "missing_market", False))
        return
    expect(platform, ("BTCUSDT", "missing_market", True), ("ETHUSDT", "missing_market", False))
    ticker, market = platform.name("ticker"), platform.name("market_id")
    found = dict(rows(platform.db, f"SELECT {ticker}, {market} FROM {platform.name('symbols')}"))
    binance = linked(platform, "CRYPTO")["market_id"]
    assert found == {"BTCUSDT": binance, "ETHUSDT": None, "XRPUSDT": binance}


def test_activity(platform: Platform) -> None:
    platform.add_symbol("BTCUSDT", "BINANCE", **linked(platform, "CRYPTO"))
    platform.add_symbol("ETHUSDT", "BINANCE", is_active=False, **linked(platform, "CRYPTO"))
    platform.add_symbol("XRPUSDT", "BINANCE", is_active=False, **linked(platform, "CRYPTO"))
    bars(platform, "ETHUSDT")
    before = platform.contents()
    expect(
        platform,
        ("BTCUSDT", "active_without_bars", False),
        ("ETHUSDT", "inactive_with_recent_bars", False),
        recent="100 years",
    )
    expect(platform, ("BTCUSDT", "active_without_bars", False))
    assert platform.contents() == before


def broken(platform: Platform) -> None:
    platform.add_symbol(" btcusdt", "BINANCE")
    platform.add_symbol("ETH>USDT", "BINANCE", **linked(platform, "CRYPTO"))
    platform.add_symbol("XRPUSDT", "BINANCE", **linked(platform, "CRYPTO"))
    platform.add_symbol("xrpusdt", "BINANCE", **linked(platform, "CRYPTO"))
    platform.add_bars(("XRPUSDT", "BINANCE"))


def test_undo_restores_exactly(platform: Platform) -> None:
    broken(platform)
    before = platform.contents()
    done = cleanup(platform)
    assert done.changed == done.result["updated"] == 3
    assert done.result["fixed"] == len([f for f in findings(platform.db) if f[2]]) > 3
    assert platform.contents() != before
    undone = call(platform.db, "rollback_operation", execution_id=done.cleanup_id)
    assert undone.changed == 3
    assert platform.contents() == before
    assert {fixed for *_, fixed in findings(platform.db)} == {False}
    assert rows(platform.db, "SELECT * FROM etl.symbol_classification") == []


@pytest.mark.parametrize("options", [{"fix": False}, {"dry_run": True}])
def test_only_looking_changes_nothing(platform: Platform, options: dict[str, Any]) -> None:
    broken(platform)
    before = platform.contents()
    done = cleanup(platform, **options)
    assert platform.contents() == before
    assert {fixed for *_, fixed in findings(platform.db)} == {False}
    assert done.result["fixed"] == 0
    assert done.result["updated"] == (3 if "dry_run" in options else 0)
    real = cleanup(platform)
    assert real.result["by_issue"] == done.result["by_issue"]


def test_nothing_is_deleted_and_a_second_run_fixes_nothing(platform: Platform) -> None:
    broken(platform)
    count = len(platform.contents())
    cleanup(platform)
    assert len(platform.contents()) == count
    settled = platform.contents()
    assert cleanup(platform).changed == 0
    assert platform.contents() == settled


def test_row_that_somebody_changes_meanwhile_is_left(created: Platform, session: Any) -> None:
    created.add_symbol("BTCUSDT", "BINANCE")
    bars(created, "BTCUSDT")
    writer, worker = session(), session()
    writer.execute("BEGIN")
    writer.execute("UPDATE symbols SET asset_class = 'ETF'")
    with in_background(call, worker, "validate_cleanup_symbols") as running:
        wait_until(
            lambda: (
                one(
                    created.db,
                    "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
                    " AND wait_event_type = 'Lock'",
                    worker.info.backend_pid,
                )
                == 1
            )
        )
        writer.execute("COMMIT")
        done = running.result()
    assert (done.changed, done.skipped) == (0, 1)
    assert state(created) == {"BTCUSDT": ("ETF", True)}
    assert {fixed for *_, fixed in findings(created.db)} == {False}


def test_collision_with_a_constraint_is_a_failed_record(created: Platform) -> None:
    created.db.execute("CREATE UNIQUE INDEX ON symbols (ticker)")
    created.add_symbol("BTCUSDT", "BINANCE", **linked(created, "CRYPTO"))
    created.add_symbol(" btcusdt", "BITSTAMP", **linked(created, "CRYPTO"))
    bars(created, "BTCUSDT")
    done = cleanup(created)
    assert (done.status, done.failed) == ("completed_with_errors", 1)
    assert (" btcusdt", "ticker_form", False) in findings(created.db)
    assert one(created.db, "SELECT sqlstate FROM etl.failed_record") == "23505"


def test_one_kind_of_finding(created: Platform) -> None:
    broken(created)
    done = cleanup(created, fix=False)
    cleanup(created, fix=False)
    found = select(
        created.db, "symbol_findings", execution_id=done.cleanup_id, issue="malformed_ticker"
    )
    assert [(row.ticker, row.is_fixed, row.action) for row in found] == [
        ("ETH>USDT", False, "deactivate it")
    ]
    with raises("ME002"):
        select(created.db, "symbol_findings", execution_id="00000000-0000-0000-0000-000000000000")


def test_status_tells_of_the_clean_up(created: Platform) -> None:
    created.add_symbol("BTCUSDT", "BINANCE", **linked(created, "CRYPTO"))
    done = cleanup(created)
    found = select_one(created.db, "symbol_sync_status")
    assert found.last_cleanup_at == history(created.db, done.cleanup_id).finished_at
    assert found.open_findings == 1  # it has no bars


def test_the_work_grows_with_the_symbols_not_with_their_square(created: Platform) -> None:
    few_rows, few = cleaning(created, 1, 1000)
    many_rows, many = cleaning(created, 1001, 6000)
    assert (few.rows, many.rows) == (4 * 1000, 4 * 5000 + 1000)  # those are left without bars
    assert many.shared_blocks <= 1.2 * few.shared_blocks, "rules, codes and links are read once"
    assert many.temporary_blocks < 2 * 6 * few.temporary_blocks
    assert many_rows < 2 * 6 * few_rows


def cleaning(platform: Platform, first: int, last: int) -> tuple[int, Work]:
    """Add symbols and clean all up; return how many rows it reads, and what the search takes."""
    db = platform.db
    db.execute(
        "INSERT INTO symbols (ticker, venue) SELECT lower('A' || n || 'USDT'), 'BINANCE'"
        "  FROM generate_series(%s::int, %s) n",
        (first, last),
    )
    issues = "SELECT * FROM etl._symbol_issues(etl._require_target('market_data'), '7 days')"
    search = work(db, issues)
    before = rows_read(db)
    assert cleanup(platform).changed == last - first + 1
    return rows_read(db) - before, search
