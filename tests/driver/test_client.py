"""Each method answers with what the tables hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from driver_support import classes, expected_classes, one

from mytrader_etl import Client
from mytrader_etl.errors import (
    InvalidOptionError,
    OperationRunningError,
    PreflightError,
    UnknownOperationError,
)
from mytrader_etl.options import (
    BootstrapReferenceDataOptions,
    CorrectAssetClassesOptions,
    RegisterTargetOptions,
    RollbackCorrectionOptions,
    TuneOperationOptions,
)
from mytrader_etl.results import OperationStatus

Connection = psycopg.Connection[Any]


@pytest.fixture
def client(market: Connection) -> Client:
    return Client(market)


def test_connection_that_was_handed_in_stays_open(market: Connection) -> None:
    with Client(market) as client:
        client.status()
    assert one(market, "SELECT 1") == 1


def test_own_connection_is_closed(market: Connection, dsn: str) -> None:
    with Client.connect(dsn) as client:
        name = one(client._connection, "SHOW application_name")
        timeout = one(client._connection, "SHOW statement_timeout")
        isolation = one(client._connection, "SHOW transaction_isolation")
        connection = client._connection
    assert (name, timeout, isolation) == ("mytrader-etl", "0", "read committed")
    assert connection.closed


def test_connection_with_transactions_is_refused(dsn: str) -> None:
    with psycopg.connect(dsn) as connection, pytest.raises(ValueError, match="autocommit"):
        Client(connection)


def test_url_of_sqlalchemy(market: Connection) -> None:
    info = market.info
    url = f"postgresql+psycopg://{info.user}@/{info.dbname}?host={info.host}&port={info.port}"
    with Client.connect(url) as client:
        assert client.status() == []


def test_analyze(client: Client, market: Connection) -> None:
    analysis = client.analyze()
    assert (analysis.total_records, analysis.null_records, analysis.empty_records) == (140, 70, 10)
    assert analysis.orphaned_records == 20
    assert one(market, "SELECT analysis_id FROM etl.analysis") == analysis.analysis_id


def test_preview_changes_nothing(client: Client, market: Connection) -> None:
    before = classes(market)
    lines = client.preview(batch_size=10)
    changes = {
        (line.from_value, line.to_value): line.records for line in lines if line.section == "change"
    }
    assert sum(changes.values()) == 30
    assert {line.section for line in lines} >= {"summary", "change", "plan"}
    assert classes(market) == before
    assert one(market, "SELECT count(*) FROM etl_execution_history") == 0


def test_correct_and_roll_back(client: Client, market: Connection) -> None:
    before, expected = classes(market), expected_classes(market)
    seen: list[OperationStatus] = []

    result = client.correct(on_progress=seen.append)
    assert (result.status, result.changed, result.failed) == ("completed", 30, 0)
    assert classes(market) == expected
    assert {status.execution_id for status in seen} <= {result.execution_id}
    failed = {
        check.check_name for check in client.validate(result.execution_id) if not check.passed
    }
    assert failed == {"completeness_score", "integrity_score", "data_quality_score"}

    (backup,) = client.backups()
    assert (backup.execution_id, backup.records, backup.status) == (
        result.execution_id,
        30,
        "available",
    )

    undone = client.rollback(result.execution_id, reason="test")
    assert (undone.status, undone.changed, undone.skipped) == ("completed", 30, 0)
    assert classes(market) == before
    assert {row.outcome for row in client.rollback_outcomes(undone.execution_id)} == {"restored"}

    newest, oldest = client.history()
    assert (newest.operation, newest.subject_execution_id) == ("rollback", result.execution_id)
    assert (oldest.operation, oldest.status) == ("correction", "rolled_back")


def test_options_and_changes_add_up(client: Client, market: Connection) -> None:
    options = CorrectAssetClassesOptions(
        target_symbols=["AAPL", "KO"], timeout=timedelta(minutes=5)
    )
    result = client.correct(options, batch_size=5)
    assert result.changed == 20
    assert one(market, "SELECT parameters ->> 'batch_size' FROM etl_execution_history") == "5"


def test_dry_run(client: Client, market: Connection) -> None:
    before = classes(market)
    result = client.correct(dry_run=True)
    assert (result.status, result.changed) == ("completed", 30)
    assert classes(market) == before


def test_start_can_be_repeated(client: Client, market: Connection) -> None:
    correction_id = uuid4()
    first = client.correct(correction_id=correction_id)
    again = client.correct(correction_id=correction_id)
    assert again == first
    assert one(market, "SELECT count(*) FROM etl_execution_history") == 1


def test_partial_rollback(client: Client, market: Connection) -> None:
    result = client.correct()
    options = RollbackCorrectionOptions(correction_id=result.execution_id, target_symbols=["KO"])
    undone = client.rollback(options=options)
    assert undone.changed == 10
    assert (
        one(market, "SELECT count(*) FROM market_data WHERE symbol = 'KO' AND asset_class IS NULL")
        == 10
    )
    assert client.status(result.execution_id)[0].status == "partially_rolled_back"


def test_rollback_wants_to_know_what(client: Client) -> None:
    with pytest.raises(TypeError):
        client.rollback()


def test_failed_records_and_retry(client: Client, market: Connection) -> None:
    market.execute(
        "ALTER TABLE market_data ADD CONSTRAINT no_ko CHECK (symbol <> 'KO' OR asset_class IS NULL)"
    )
    result = client.correct(max_error_rate=100)
    assert (result.status, result.changed, result.failed) == ("completed_with_errors", 20, 10)
    failed = client.failed_records(result.execution_id)
    assert {(record.match_value, record.sqlstate) for record in failed} == {("KO", "23514")}

    market.execute("ALTER TABLE market_data DROP CONSTRAINT no_ko")
    retried = client.retry_failed(result.execution_id)
    assert (retried.status, retried.changed) == ("completed", 10)
    assert all(record.resolved_at for record in client.failed_records(result.execution_id))
    assert classes(market) == expected_classes(market)


def test_health_and_metrics(client: Client) -> None:
    assert client.health().status == "unknown"
    client.analyze()
    health = client.health()
    assert not health.is_healthy
    assert health.issues
    assert {metric.kind for metric in client.metrics()} == {"counter", "gauge", "histogram"}


def test_purge(client: Client, market: Connection) -> None:
    client.correct(target_symbols=["AAPL"])
    client.correct(target_symbols=["KO"])
    plan = client.purge_backups(older_than=timedelta(0), keep_last=1, dry_run=True)
    assert plan.changed == 1
    assert [backup.status for backup in client.backups()] == ["available", "available"]
    done = client.purge_backups(older_than=timedelta(0), keep_last=1)
    assert (done.status, done.changed) == ("completed", 1)
    assert sorted(backup.status for backup in client.backups()) == ["available", "purged"]


def test_targets(client: Client, market: Connection) -> None:
    market.execute(
        'CREATE TABLE public."Bars" ("Id" int PRIMARY KEY, symbol text, "AssetClass" text)'
    )
    client.register_target(
        RegisterTargetOptions(
            target="bars",
            fact_table='public."Bars"',
            value_column="AssetClass",
            dimension_value_column="asset_class",
        )
    )
    found = {target.target: target for target in client.targets()}
    assert found["bars"].key_columns == ["Id"]
    assert found["bars"].value_column == "AssetClass"
    assert found["bars"].touch_column is None


def test_classify_symbol(client: Client) -> None:
    known = client.classify_symbol(" btc-usd", "coinbase")
    assert (known.ticker, known.venue, known.asset_class) == ("BTC-USD", "COINBASE", "CRYPTO")
    assert (known.base_currency, known.quote_currency) == ("BTC", "USD")
    unknown = client.classify_symbol("AAPL")
    assert (unknown.asset_class, unknown.needs_review) == ("UNKNOWN", True)
    assert client.classify_symbol("").reason.startswith("the ticker is empty")


def test_unknown_ids(client: Client) -> None:
    for method in (client.cancel, client.pause, client.join, client.resume, client.retry_failed):
        with pytest.raises(UnknownOperationError):
            method(uuid4())
    with pytest.raises(UnknownOperationError):
        client.tune(TuneOperationOptions(execution_id=uuid4(), batch_size=5))


def test_invalid_option(client: Client) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        client.correct(only_process_null_asset_class=True, overwrite_existing_values=True)
    assert caught.value.sqlstate == "ME003"
    assert caught.value.hint


def test_handed_in_timeout_does_not_reach_the_workers(market: Connection, session: Any) -> None:
    connection = session(options="-c statement_timeout=60000")
    with pytest.raises(PreflightError) as caught:
        Client(connection).purge_backups()
    assert "statement_timeout" in caught.value.message
    assert Client(connection).correct().status == "completed"


def test_busy_target(client: Client, market: Connection, session: Any) -> None:
    other = Client(session())
    paused: list[OperationStatus] = []

    def pause(status: OperationStatus) -> None:
        if not paused:
            paused.append(status)
            other.pause(status.execution_id, "test")

    result = client.correct(
        batch_size=1, adaptive=False, pause_between_batches="300 ms", on_progress=pause
    )
    assert result.status == "paused"
    with pytest.raises(OperationRunningError) as caught:
        client.correct()
    assert str(result.execution_id) in f"{caught.value.detail} {caught.value.hint}"
    assert client.resume(result.execution_id).status == "completed"
    assert classes(market) == expected_classes(market)


def test_reference_data(db: Connection) -> None:
    client = Client(db)
    assert client.create_platform_tables()[0] == "public.asset_classes"
    assert {finding.issue for finding in client.validate_reference_data()} == {"missing_item"}
    planned = client.bootstrap_reference_data(dry_run=True)
    assert one(db, "SELECT count(*) FROM markets") == 0

    done = client.bootstrap_reference_data(
        BootstrapReferenceDataOptions(reason="first"), timeout="1 minute"
    )

    assert (done.status, done.changed, done.result) == (
        "completed",
        planned.changed,
        planned.result,
    )
    assert one(db, "SELECT count(*) FROM markets") == done.result["markets"]["created"]
    assert client.validate_reference_data() == []
    status = {line.component: line for line in client.bootstrap_status()}
    assert status["markets"].is_complete
    assert status["markets"].last_bootstrap_id == done.execution_id
    assert len({line.code for line in client.reference_data() if line.component == "markets"}) == (
        status["markets"].expected
    )
    monday = datetime(2026, 3, 9, 13, 30, tzinfo=UTC)
    (nasdaq,) = client.market_status("NASDAQ", monday)
    assert (nasdaq.status, nasdaq.next_change) == ("open", monday + timedelta(hours=6.5))
    assert len(client.market_status(at="2026-03-09 13:30+00")) == status["markets"].expected
    with pytest.raises(InvalidOptionError, match="market"):
        client.market_status("NOWHERE")

    changes = client.changes(done.execution_id)
    assert len(changes) == done.changed
    assert {change.action for change in changes} == {"insert"}
    undone = client.undo(done.execution_id, reason="again")
    assert (undone.status, undone.changed) == ("completed", done.changed)
    assert one(db, "SELECT count(*) FROM asset_classes") == 0
    assert {change.outcome for change in client.changes(undone.execution_id)} == {"restored"}


def test_column_default(market: Connection) -> None:
    client = Client(market)
    first = client.set_column_default("symbols", "venue", "OTC")
    assert (first.old_value, first.new_value) == (None, "OTC")
    back = client.set_column_default("public.symbols", "venue")
    assert (back.old_value, back.new_value) == ("OTC", None)
