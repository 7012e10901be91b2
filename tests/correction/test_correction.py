"""correct_asset_classes(): what it changes, what it leaves, and the proof."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from sql_support import (
    ALL_WRONG,
    access,
    changed_by,
    classes,
    correct,
    expected_classes,
    history,
    one,
    rows,
    select_one,
    whole_rows,
)

WHICH = [
    {},
    {"only_process_null_asset_class": False},
    ALL_WRONG,
    {"target_symbols": ["AAPL"]},
    {"target_symbols": ["GLD", "KO", "no such symbol"], **ALL_WRONG},
]
HOW = [
    {"batch_size": 1, "adaptive": False, "max_records_to_process": 40},
    {"batch_size": 10_000_000},
    {"adaptive": False},
    {"target_batch_time": "10 ms"},
    {"create_backup": False},
    {"validate_after_each_batch": False},
    {"max_retries": 0, "lock_timeout": "1 ms"},
    {"pause_between_batches": "1 ms"},
]


@pytest.mark.parametrize("options", WHICH, ids=str)
def test_every_row_has_the_value_that_the_options_ask_for(mixed_market, options):
    before = whole_rows(mixed_market)
    expected = expected_classes(mixed_market, **options)
    to_change = changed_by(classes(mixed_market), expected)

    result = correct(mixed_market, **options)

    assert classes(mixed_market) == expected
    assert (result.status, result.changed) == ("completed", len(to_change))
    assert (result.skipped, result.failed) == (0, 0)
    touched = changed_by(before, whole_rows(mixed_market))
    assert touched.keys() == to_change.keys()
    for old, new in touched.values():
        assert {k for k in old if old[k] != new[k]} == {"asset_class", "updated_at"}


@pytest.mark.parametrize("options", HOW, ids=str)
def test_how_it_is_done_makes_no_difference(mixed_market, options):
    before = classes(mixed_market)
    expected = expected_classes(mixed_market)
    limit = options.get("max_records_to_process")

    result = correct(mixed_market, **options)

    changed = changed_by(before, classes(mixed_market))
    assert result.changed == len(changed) == (limit or len(changed_by(before, expected)))
    assert {key: new for key, (_, new) in changed.items()}.items() <= expected.items()
    assert (result.backup_table is None) == (options.get("create_backup") is False)


@pytest.mark.parametrize("dry_run", [False, True])
def test_the_figures_agree_with_each_other_and_with_the_data(mixed_market, dry_run):
    """Rows changed = rows of the backup = sum over the batches."""
    before = classes(mixed_market)
    quality_before = select_one(mixed_market, "analyze_asset_classes").data_quality_score

    result = correct(mixed_market, batch_size=50, adaptive=False, dry_run=dry_run)

    quality_after = select_one(mixed_market, "analyze_asset_classes").data_quality_score
    batches = rows(
        mixed_market,
        "SELECT changed, skipped, failed FROM etl.operation_batch WHERE execution_id = %s",
        result.correction_id,
    )
    row = history(mixed_market, result.correction_id)
    assert sum(changed for changed, _, _ in batches) == result.changed == row.records_changed
    assert sum(skipped + failed for _, skipped, failed in batches) == 0
    assert (row.records_processed, row.progress_percent) == (result.changed, 100)
    assert len(batches) == result.batches == row.batches_processed
    assert (row.phase, row.dry_run, row.operation) == ("finished", dry_run, "correction")
    assert {"mapping", "measuring", "correcting"} <= row.phase_timings.keys()
    assert result.quality_before == quality_before
    if dry_run:
        assert classes(mixed_market) == before
        assert result.quality_after > quality_before == quality_after
    else:
        assert result.quality_after == quality_after > quality_before
        assert one(mixed_market, f"SELECT count(*) FROM {result.backup_table}") == result.changed


@pytest.mark.parametrize("options", WHICH, ids=str)
def test_a_dry_run_reports_what_would_change_and_changes_nothing(mixed_market, options):
    before = whole_rows(mixed_market)

    rehearsal = correct(mixed_market, dry_run=True, **options)

    assert whole_rows(mixed_market) == before
    assert rehearsal.backup_table is None
    assert one(mixed_market, "SELECT count(*) FROM etl.correction_backup") == 0
    real = correct(mixed_market, **options)
    assert (rehearsal.status, rehearsal.changed) == (real.status, real.changed)
    assert rehearsal.quality_after == pytest.approx(real.quality_after, abs=Decimal("0.01"))


@pytest.mark.parametrize("options", WHICH, ids=str)
def test_a_second_run_writes_nothing(mixed_market, options):
    correct(mixed_market, **options)
    versions = rows(mixed_market, "SELECT id, xmin::text, ctid FROM market_data")

    result = correct(mixed_market, **options)

    assert (result.status, result.changed, result.backup_table) == ("completed", 0, None)
    assert rows(mixed_market, "SELECT id, xmin::text, ctid FROM market_data") == versions
    assert result.quality_after == result.quality_before


def test_the_backup_holds_the_old_value_of_every_changed_row(mixed_market):
    before = classes(mixed_market)

    result = correct(mixed_market, **ALL_WRONG)

    saved = rows(
        mixed_market,
        f"SELECT b.id::text, b.asset_class, b.new_value, b.symbol, m.symbol, m.asset_class"
        f"  FROM {result.backup_table} b"
        f"  JOIN market_data m ON m.id = b.id AND m.ctid = b.row_location"
        f"                    AND m.tableoid = b.row_table AND m.updated_at <= b.changed_at",
    )
    assert {row[0]: (row[1], row[2]) for row in saved} == changed_by(before, classes(mixed_market))
    assert all(row[2] == row[5] and row[3] == row[4] for row in saved)
    numbers = dict(
        rows(
            mixed_market,
            f"SELECT batch_number, count(*) FROM {result.backup_table} GROUP BY batch_number",
        )
    )
    assert numbers == dict(
        rows(
            mixed_market,
            "SELECT batch_number, changed FROM etl.operation_batch"
            " WHERE execution_id = %s AND changed > 0",
            result.correction_id,
        )
    )


def test_rows_that_cannot_be_mapped_are_left_as_they_are(market):
    lost = ("GLD", "NOCLASS", "BLANK", "STRANGE", "ORPHAN1", "ORPHAN2")
    query = "SELECT id, xmin::text, m FROM market_data m WHERE symbol = ANY (%s)"
    before = rows(market, query, list(lost))
    assert len(before) == 60

    correct(market, **ALL_WRONG)

    assert rows(market, query, list(lost)) == before


def test_the_mapping_is_the_record_of_what_was_believed(market):
    result = correct(market)
    market.execute("UPDATE symbols SET asset_class = 'ETF' WHERE ticker = 'AAPL'")
    mapping = {
        ticker: (verdict, new_value)
        for ticker, verdict, new_value in rows(
            market,
            "SELECT match_value, verdict, new_value FROM etl.correction_mapping"
            " WHERE execution_id = %s",
            result.correction_id,
        )
    }
    assert mapping == {
        "AAPL": ("mapped", "STOCK"),
        "MSFT": ("mapped", "STOCK"),
        "THYAO": ("mapped", "STOCK_BIST"),
        "SPY": ("mapped", "ETF"),
        "BTCUSD": ("mapped", "CRYPTO"),
        "EURUSD": ("mapped", "FOREX"),
        "XAUUSD": ("mapped", "COMMODITY"),
        "KO": ("mapped", "STOCK"),
        "NOBARS": ("mapped", "STOCK"),
        "GLD": ("ambiguous", None),
        "NOCLASS": ("unmappable", None),
        "BLANK": ("unmappable", None),
        "STRANGE": ("unmappable", None),
    }


@pytest.fixture
def settled_market(large_market):
    """26,140 bars of which few are NULL and ten empty; the guide's index finds NULL only."""
    large_market.execute(
        "INSERT INTO market_data (symbol, timeframe, timestamp, asset_class)"
        " SELECT 'XAUUSD', '1m', now() + n * interval '1 minute', 'COMMODITY'"
        "   FROM generate_series(1, 20000) n"
    )
    large_market.execute(
        "UPDATE market_data SET asset_class = 'STOCK'"
        " WHERE symbol = 'AAPL' AND timestamp > '2025-01-01 00:30Z'"
    )
    large_market.execute("VACUUM FULL ANALYZE market_data")
    large_market.execute("SET random_page_cost = 1.1")  # as on a solid state disk
    return large_market


@pytest.mark.parametrize(
    ("strategy", "reads_for_empty"), [("blocks", False), ("index", True), ("index", False)]
)
def test_all_strategies_give_the_same_rows(settled_market, strategy, reads_for_empty):
    if strategy == "blocks":
        settled_market.execute("DROP INDEX idx_market_data_symbol_asset_class")
    elif not reads_for_empty:
        settled_market.execute("CREATE INDEX by_class ON market_data (asset_class)")
    select_one(settled_market, "analyze_asset_classes")
    before, expected = classes(settled_market), expected_classes(settled_market)
    scans, _ = access(settled_market, "market_data")

    result = correct(settled_market, batch_size=7, adaptive=False)

    strategy_used = history(settled_market, result.correction_id).result
    assert strategy_used["strategy"] == strategy, strategy_used
    assert strategy_used["reads_for_empty"] == reads_for_empty
    assert classes(settled_market) == expected
    assert access(settled_market, "market_data")[0] == scans + 1  # expected_classes() above
    assert result.changed == len(changed_by(before, expected)) > 20
    assert one(settled_market, f"SELECT count(*) FROM {result.backup_table}") == result.changed
    sizes = [
        size
        for (size,) in rows(
            settled_market,
            "SELECT changed FROM etl.operation_batch WHERE execution_id = %s ORDER BY 1 DESC",
            result.correction_id,
        )
    ]
    if strategy == "index" and not reads_for_empty:
        assert sizes == [7] * (result.changed // 7) + [result.changed % 7] * (
            result.changed % 7 > 0
        )
    assert sum(sizes) == result.changed


@pytest.mark.parametrize("is_measured", [True, False])
def test_empty_values_that_no_index_finds_are_searched_for_until_none_is_left(
    settled_market, is_measured
):
    if is_measured:
        select_one(settled_market, "analyze_asset_classes")
    before, expected = classes(settled_market), expected_classes(settled_market)

    result = correct(settled_market)

    known = history(settled_market, result.correction_id)
    assert (known.result["strategy"], known.result["empty_found"]) == ("index", 0)
    assert ("measuring" in known.phase_timings) == (not is_measured)
    assert "searching" in known.phase_timings
    assert classes(settled_market) == expected
    assert (result.status, result.skipped) == ("completed", 0)
    assert result.changed == len(changed_by(before, expected)) > 20


def test_a_measurement_without_empty_values_saves_the_search(settled_market):
    settled_market.execute("UPDATE market_data SET asset_class = 'STOCK' WHERE asset_class = ''")
    before, expected = classes(settled_market), expected_classes(settled_market)

    result = correct(settled_market)

    known = history(settled_market, result.correction_id)
    assert known.result["reads_for_empty"]
    assert set(known.phase_timings) >= {"measuring", "correcting"}
    assert "searching" not in known.phase_timings
    assert (result.status, result.changed) == ("completed", len(changed_by(before, expected)))
    assert classes(settled_market) == expected


def test_empty_values_held_by_another_session_are_left_to_the_next_run(settled_market, session):
    select_one(settled_market, "analyze_asset_classes")
    wrong = len(changed_by(classes(settled_market), expected_classes(settled_market)))
    with session() as other, other.transaction():
        other.execute("SELECT FROM market_data WHERE symbol = 'MSFT' FOR UPDATE")
        result = correct(settled_market, lock_timeout="50 ms", max_retries=1)
        assert (result.status, result.skipped) == ("completed_with_errors", 10)
        assert result.changed == wrong - 10

    again = correct(settled_market)

    assert (again.status, again.changed, again.skipped) == ("completed", 10, 0)
    assert classes(settled_market) == expected_classes(settled_market)


def test_an_analysis_in_the_middle_does_not_mislead_the_quality(settled_market):
    """A correction by index carries the measurement from before it on by what it has changed."""
    settled_market.execute("CREATE INDEX by_class ON market_data (asset_class)")
    select_one(settled_market, "analyze_asset_classes")
    settled_market.execute(
        "CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM etl.analyze_asset_classes(); RETURN NULL; END $$;"
        "CREATE TRIGGER look AFTER UPDATE ON market_data EXECUTE FUNCTION look()"
    )
    result = correct(settled_market, batch_size=7, adaptive=False)
    assert history(settled_market, result.correction_id).result["strategy"] == "index"
    settled_market.execute("DROP TRIGGER look ON market_data")
    assert result.changed > 20
    measured = select_one(settled_market, "analyze_asset_classes")
    assert result.quality_after == measured.data_quality_score


def test_adaptive_batches_grow_towards_the_target_time(large_market):
    def expected_rows(**options):
        result = correct(large_market, batch_size=100, dry_run=True, **options)
        return [
            size
            for (size,) in rows(
                large_market,
                "SELECT rows_expected FROM etl.operation_batch WHERE execution_id = %s"
                " ORDER BY batch_number",
                result.correction_id,
            )
        ]

    fixed = expected_rows(adaptive=False)
    grown = expected_rows(target_batch_time="10 s")
    assert max(fixed) <= 200
    assert max(grown) > 2 * grown[0]
    assert len(grown) < len(fixed)


def test_the_touch_column_is_set_to_the_time_of_the_batch(market):
    market.execute("SELECT pg_sleep(0.01)")
    began = one(market, "SELECT clock_timestamp()")

    result = correct(market)

    touched = rows(market, "SELECT symbol FROM market_data WHERE updated_at > %s", began)
    assert len(touched) == result.changed == 30
    assert {symbol for (symbol,) in touched} == {"AAPL", "MSFT", "KO"}


def test_no_touch_column(market):
    market.execute("ALTER TABLE market_data DROP updated_at")
    before, expected = classes(market), expected_classes(market)

    result = correct(market)

    assert classes(market) == expected
    assert result.changed == len(changed_by(before, expected))
    assert one(market, "SELECT touch_column FROM etl.correction_target") is None


def test_an_empty_table(market):
    market.execute("TRUNCATE market_data")
    result = correct(market)
    assert (result.status, result.changed, result.batches) == ("completed", 0, 0)
    assert (result.backup_table, result.quality_before, result.quality_after) == (None, 100, 100)


def test_options_and_circumstances_are_recorded(market):
    identity = uuid.uuid4()
    market.execute("SET application_name = 'nightly job'")
    correct(market, correction_id=identity, batch_size=77, timeout="1 hour", reason="ticket 7")

    row = history(market, identity)

    assert (row.reason, row.application_name, row.target) == (
        "ticket 7",
        "nightly job",
        "market_data",
    )
    assert row.triggered_by == market.info.user
    assert row.parameters["batch_size"] == 77
    assert row.parameters["timeout"] == "01:00:00"
    assert row.started_at < row.finished_at
    assert row.started_at < row.heartbeat_at
    assert row.library_version == one(market, "SELECT etl.version()")


def test_a_limit_can_be_worked_off_in_several_runs(mixed_market):
    before, expected = classes(mixed_market), expected_classes(mixed_market)
    total = len(changed_by(before, expected))
    changed = []
    while not changed or changed[-1]:
        changed.append(correct(mixed_market, max_records_to_process=150, batch_size=40).changed)
    assert changed == [150] * (total // 150) + [total % 150] + [0]
    assert classes(mixed_market) == expected
