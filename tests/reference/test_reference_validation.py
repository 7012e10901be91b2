"""Validation and status of reference data: each kind of fault is found, and nothing else."""

from __future__ import annotations

import pytest
from sql_support import call, history, rows, select


def bootstrap(db, **options):
    return call(db, "bootstrap_reference_data", **options)


def findings(db):
    return {(f.component, f.issue, f.item) for f in select(db, "validate_reference_data")}


def test_missing_items_before_and_after(platform):
    db = platform.db
    missing = select(db, "validate_reference_data")
    assert {f.issue for f in missing} == {"missing_item"}
    wanted = sum(s.expected for s in select(db, "bootstrap_status"))
    assert len(missing) == wanted
    for finding in {f.component: f for f in missing}.values():
        assert f"{{{finding.component}}}" in finding.hint

    done = bootstrap(db)
    assert select(db, "validate_reference_data") == []
    for status in select(db, "bootstrap_status"):
        assert (status.present, status.missing, status.customised) == (status.expected, 0, 0)
        assert (status.last_bootstrap_id, status.is_complete) == (done.bootstrap_id, True)
        assert status.last_bootstrap == history(db, done.bootstrap_id).finished_at
        assert status.table_name.endswith(platform.table(status.component).split(".")[-1])

    call(db, "rollback_operation", execution_id=done.bootstrap_id)
    for status in select(db, "bootstrap_status"):
        assert (status.present, status.last_bootstrap_id, status.is_complete) == (0, None, False)


def test_missing_tables(db):
    found = select(db, "validate_reference_data")
    assert [(f.component, f.issue, f.severity) for f in found] == [
        (name, "unusable_table", "error")
        for name in ("asset_classes", "markets", "trading_sessions", "data_providers")
    ]
    assert all("create_platform_tables" in f.hint for f in found)
    for status in select(db, "bootstrap_status"):
        assert (status.table_name, status.present, status.is_complete) == (None, 0, False)
        assert status.missing == status.expected
        assert status.detail is not None


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (
            "ALTER TABLE markets DROP CONSTRAINT markets_asset_class_id_fkey;"
            " UPDATE markets SET asset_class_id = 4711 WHERE code = 'BIST'",
            {("markets", "orphaned", "BIST")},
        ),
        (
            "ALTER TABLE markets ALTER asset_class_id DROP NOT NULL;"
            " UPDATE markets SET asset_class_id = NULL WHERE code = 'BIST'",
            {("markets", "orphaned", "BIST")},
        ),
        (
            "ALTER TABLE data_providers DROP CONSTRAINT data_providers_market_id_fkey;"
            " UPDATE data_providers SET market_id = 4711 WHERE code = 'YAHOO_FINANCE'",
            {("data_providers", "orphaned", "YAHOO_FINANCE")},
        ),
        (
            "ALTER TABLE trading_sessions DROP CONSTRAINT trading_sessions_market_id_fkey;"
            " UPDATE trading_sessions SET market_id = 4711, session_name = 'Mine'"
            "  WHERE session_name = 'Opening Auction' AND day_of_week = 1",
            {
                ("trading_sessions", "orphaned", "4711/Mine"),
                ("trading_sessions", "missing_item", "BIST/Opening Auction/Monday"),
            },
        ),
        (
            "UPDATE markets SET time_zone = 'Turkey Standard Time' WHERE code = 'BIST'",
            {("markets", "unknown_time_zone", "BIST")},
        ),
        (
            "UPDATE trading_sessions s SET time_zone = 'Istanbul' FROM markets m"
            " WHERE m.id = s.market_id AND m.code = 'BIST' AND session_type = 'OPENING_AUCTION'",
            {("trading_sessions", "unknown_time_zone", "BIST/Opening Auction")},
        ),
        (
            "UPDATE trading_sessions s SET end_time = '10:00:01' FROM markets m"
            " WHERE m.id = s.market_id AND m.code = 'BIST' AND session_type = 'OPENING_AUCTION'"
            "   AND day_of_week IN (1, 5)",
            {
                ("trading_sessions", "overlapping", "BIST/Opening Auction"),
                ("trading_sessions", "overlapping", "BIST/Regular"),
            },
        ),
        (
            "UPDATE trading_sessions s SET is_active = false FROM markets m"
            " WHERE m.id = s.market_id AND m.code = 'OANDA'",
            {("trading_sessions", "without_sessions", "OANDA")},
        ),
        (
            "ALTER TABLE trading_sessions ALTER start_time DROP NOT NULL;"
            " UPDATE trading_sessions s SET start_time = NULL FROM markets m"
            "  WHERE m.id = s.market_id AND m.code = 'BIST' AND session_type = 'OPENING_AUCTION'"
            "    AND day_of_week = 3",
            {("trading_sessions", "unreadable", "BIST/Opening Auction")},
        ),
        (
            "DELETE FROM data_providers WHERE code = 'ALPHA_VANTAGE'",
            {("data_providers", "missing_item", "ALPHA_VANTAGE")},
        ),
        (
            "ALTER TABLE trading_sessions DROP COLUMN day_of_week CASCADE",
            {("trading_sessions", "unusable_table", None)},
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_each_fault_is_found(markets, fault, expected):
    markets.execute(fault)
    found = findings(markets)
    if ("trading_sessions", "overlapping", "BIST/Regular") in expected:
        assert found  # which of two is named does not matter
        assert found <= expected
    else:
        assert found == expected
    for finding in select(markets, "validate_reference_data"):
        assert finding.description
        assert finding.hint
        assert finding.severity in ("error", "warning")


def test_overlaps_over_midnight_and_the_end_of_the_week(markets):
    """The session of Saturday night lies in the week's first hours."""
    ((key,),) = rows(
        markets,
        "INSERT INTO markets (code, name, asset_class_id) SELECT 'NIGHT', 'Night', min(id)"
        "  FROM asset_classes RETURNING id",
    )
    insert = (
        "INSERT INTO trading_sessions (market_id, session_name, day_of_week, start_time, end_time)"
        " VALUES (%s, %s, %s, %s, %s)"
    )
    markets.execute(insert, (key, "Night", 6, "22:00", "04:00"))
    markets.execute(insert, (key, "Morning", 0, "04:00", "05:00"))
    assert findings(markets) == set()
    markets.execute(insert, (key, "Early", 0, "03:59", "04:00"))
    assert [f.issue for f in select(markets, "validate_reference_data")] == ["overlapping"]
    markets.execute(
        "UPDATE trading_sessions SET effective_to = '2020-01-01' WHERE session_name = 'Early';"
        "UPDATE trading_sessions SET effective_from = '2020-01-02' WHERE session_name = 'Night'"
    )
    assert findings(markets) == set()
