"""Health, status, metrics and validation: what they say about known states."""

from __future__ import annotations

import pytest
from sql_support import (
    ALL_WRONG,
    call,
    correct,
    one,
    raises,
    rollback,
    rows,
    select,
    select_one,
)


def health(db):
    return select_one(db, "correction_health")


@pytest.fixture
def sound_market(market):
    """The market without the bars that nothing can cure."""
    market.execute(
        "DELETE FROM market_data WHERE symbol IN"
        " ('GLD', 'NOCLASS', 'BLANK', 'STRANGE', 'ORPHAN1', 'ORPHAN2')"
    )
    return market


def test_nothing_is_known_before_the_first_measurement(market):
    first = health(market)
    assert (first.status, first.is_healthy, first.last_operation_status) == ("unknown", False, None)
    assert "never measured" in first.issues[0]


def test_before_and_after_a_correction(sound_market):
    select(sound_market, "analyze_asset_classes")
    sick = health(sound_market)
    assert (sick.status, sick.is_healthy) == ("unhealthy", False)
    assert {issue.split()[0] for issue in sick.issues} == {
        "completeness_score",
        "data_quality_score",
        "needing_correction_percent",
    }

    correct(sound_market, **ALL_WRONG)

    cured = health(sound_market)
    assert (cured.status, cured.is_healthy, cured.issues) == ("healthy", True, [])
    assert (cured.data_quality_score, cured.orphaned_percent) == (100, 0)
    assert (cured.success_rate, cured.error_rate) == (100, 0)
    assert (cured.operation_in_progress, cured.last_operation_status) == (False, "completed")
    assert cured.analysis_age.total_seconds() < 60


def test_limits_are_rows_of_a_table(sound_market):
    correct(sound_market, **ALL_WRONG)
    sound_market.execute(
        "INSERT INTO market_data (symbol, timeframe, timestamp) VALUES ('ORPHAN', '1D', now())"
    )
    select(sound_market, "analyze_asset_classes")
    assert health(sound_market).is_healthy

    sound_market.execute(
        "UPDATE etl.threshold SET limit_value = 100 WHERE threshold = 'integrity_score'"
    )

    (issue,) = health(sound_market).issues
    assert issue.startswith("integrity_score is 98.77, must be >= 100")


STALE = {
    "analysis_age": "UPDATE etl.analysis SET analyzed_at = analyzed_at - interval '3 days'",
    "operation_duration": "UPDATE public.etl_execution_history"
    "   SET started_at = finished_at - interval '3 hours'",
    "error_rate": "UPDATE public.etl_execution_history SET records_failed = records_processed",
    "success_rate": "UPDATE public.etl_execution_history SET started_at = now();"
    "INSERT INTO public.etl_execution_history (execution_id, operation, target,"
    " status, error_code, started_at, finished_at, library_version)"
    " VALUES (gen_random_uuid(), 'rollback', 'market_data', 'failed', 'ME009',"
    "         now() - interval '1 day', now(), '0')",
}


@pytest.mark.parametrize("figure", STALE)
def test_every_other_limit(sound_market, figure):
    correct(sound_market, **ALL_WRONG)
    sound_market.execute(STALE[figure])
    found = health(sound_market)
    assert (found.status, found.is_healthy) == ("degraded", False)
    assert {issue.split()[0] for issue in found.issues} >= {figure}


def test_a_threshold_without_a_figure_is_told(sound_market):
    select(sound_market, "analyze_asset_classes")
    before = select_one(sound_market, "correction_health").issues
    sound_market.execute(
        "UPDATE etl.threshold SET threshold = 'eror_rate' WHERE threshold = 'error_rate'"
    )
    after = select_one(sound_market, "correction_health").issues
    assert after == [*before, "threshold eror_rate has no figure: is it misspelt?"]
    assert not any("has no figure" in issue for issue in before)


def test_a_failed_operation_makes_it_unhealthy(sound_market):
    correct(sound_market, **ALL_WRONG)
    sound_market.execute("UPDATE market_data SET asset_class = NULL")
    sound_market.execute("ALTER TABLE market_data ADD CHECK (asset_class IS NULL)")
    with raises("ME009"):
        correct(sound_market, max_error_rate=0)
    found = health(sound_market)
    assert (found.status, found.last_operation_status) == ("unhealthy", "failed")
    assert any("etl.resume_operation" in issue for issue in found.issues)


def metric(db, name, **labels):
    """Return the value of one sample."""
    found = [
        row.value
        for row in select(db, "correction_metrics")
        if row.metric == f"assetclass_{name}" and labels.items() <= row.labels.items()
    ]
    assert len(found) == 1, (name, labels, found)
    return found[0]


def test_metrics_count_what_happened(sound_market):
    first = correct(sound_market, **ALL_WRONG)
    correct(sound_market, dry_run=True)
    rollback(sound_market, first.correction_id, target_symbols=["KO"])
    sound_market.execute("UPDATE market_data SET asset_class = NULL WHERE symbol = 'MSFT'")
    sound_market.execute("ALTER TABLE market_data ADD CHECK (asset_class IS NULL) NOT VALID")
    with raises("ME009"):
        correct(sound_market, max_error_rate=0)
    analysis = select_one(sound_market, "analyze_asset_classes")

    for operation, started, completed, failed in (("correction", 2, 1, 1), ("rollback", 1, 1, 0)):
        assert metric(sound_market, "operations_started_total", operation=operation) == started
        assert metric(sound_market, "operations_completed_total", operation=operation) == completed
        assert metric(sound_market, "operations_failed_total", operation=operation) == failed
        assert metric(sound_market, "operation_in_progress", operation=operation) == 0
        duration = {"operation": operation}
        name = "operation_duration_seconds"
        assert metric(sound_market, name, part="count", **duration) == completed
        assert metric(sound_market, name, part="bucket", le="+Inf", **duration) == completed
        took = one(
            sound_market,
            "SELECT extract(epoch FROM sum(finished_at - started_at))::float"
            "  FROM etl_execution_history"
            " WHERE operation = %s AND NOT dry_run AND error_code IS NULL",
            operation,
        )
        assert took > 0
        assert metric(sound_market, name, part="sum", **duration) == pytest.approx(took)
    assert metric(sound_market, "records_corrected_total") == first.changed
    assert metric(sound_market, "records_failed_total") == 1
    assert metric(sound_market, "data_quality_score") == float(analysis.data_quality_score)
    assert metric(sound_market, "orphaned_records") == analysis.orphaned_records
    assert metric(sound_market, "correctable_records") == analysis.correctable_records


def test_buckets_are_cumulative(market):
    correct(market)
    buckets = [
        row.value
        for row in select(market, "correction_metrics")
        if row.metric == "assetclass_operation_duration_seconds"
        and row.labels["part"] == "bucket"
        and row.labels["operation"] == "correction"
    ]
    assert buckets == sorted(buckets)
    assert buckets[-1] == 1
    helps = rows(
        market, "SELECT count(DISTINCT help), metric FROM etl.correction_metrics() GROUP BY 2"
    )
    assert {count for count, _ in helps} == {1}


def test_status_lists_those_under_way_first(market):
    first = correct(market)
    rollback(market, first.correction_id)
    correct(market)
    market.execute(
        "INSERT INTO public.etl_execution_history"
        " (execution_id, operation, target, library_version, status, started_at)"
        " VALUES (gen_random_uuid(), 'correction', 'other', '0', 'paused', '2020-01-01')"
    )
    listed = select(market, "correction_status")
    assert [(row.operation, row.status) for row in listed] == [
        ("correction", "paused"),
        ("correction", "completed"),
        ("rollback", "completed"),
        ("correction", "rolled_back"),
    ]
    assert "CALL etl.resume_operation" in listed[0].hint
    assert "CALL etl.rollback_correction" in listed[1].hint


def checks(db, **options):
    return {row.check_name: row for row in select(db, "validate_corrections", **options)}


def test_validation_of_a_sound_correction(sound_market):
    correct(sound_market, **ALL_WRONG)
    assert [name for name, row in checks(sound_market).items() if not row.passed] == []


def test_validation_without_any_correction(market):
    found = checks(market)
    assert not found["no blank record is left that could be mapped"].passed
    assert found["no blank record is left that could be mapped"].actual == "30"


DAMAGE = {
    "corrected rows hold their new value": "UPDATE market_data SET asset_class = 'ETF'"
    " WHERE symbol = 'AAPL' AND close > 109",
    "corrected rows still exist": "DELETE FROM market_data WHERE symbol = 'AAPL' AND close > 109",
    "every change has a before-image": "DELETE FROM {backup} WHERE symbol = 'AAPL'",
    "batches add up": "DELETE FROM etl.operation_batch",
    "no failed records": "INSERT INTO etl.failed_record (execution_id, key, sqlstate, message)"
    " SELECT execution_id, '{{}}', '23514', 'x' FROM etl.correction_backup",
    "no blank record is left that could be mapped": "INSERT INTO market_data (symbol, timeframe,"
    " timestamp) VALUES ('KO', '2D', now())",
}


@pytest.mark.parametrize("check", DAMAGE)
def test_validation_notices_damage(sound_market, check):
    result = correct(sound_market, **ALL_WRONG)
    sound_market.execute(DAMAGE[check].format(backup=result.backup_table))

    found = checks(sound_market, correction_id=result.correction_id)

    assert {name for name, row in found.items() if not row.passed} == {check}
    assert found[check].expected != found[check].actual


def test_validation_takes_the_newest_correction_that_was_no_rehearsal(market):
    first = correct(market, target_symbols=["KO"])
    second = correct(market)
    correct(market, dry_run=True)
    assert str(second.correction_id) in checks(market)["ended"].detail
    assert (
        str(first.correction_id)
        in checks(market, correction_id=first.correction_id)["ended"].detail
    )


def test_validation_of_a_rolled_back_correction(sound_market):
    result = correct(sound_market, **ALL_WRONG)
    rollback(sound_market, result.correction_id)
    failed = {name for name, row in checks(sound_market).items() if not row.passed}
    assert failed == {"completeness_score", "data_quality_score"}
    assert call(sound_market, "purge_backups", older_than="0", keep_last=0).changed == 1
    assert "every change has a before-image" not in checks(sound_market)
    assert one(sound_market, "SELECT count(*) FROM etl.analysis") >= 3
