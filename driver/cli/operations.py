"""Commands about operations: status, history, outcomes, cancel, pause, tune."""

from __future__ import annotations

import time
from uuid import UUID

import click

from mytrader_etl.cli import output
from mytrader_etl.cli.app import leave, main
from mytrader_etl.cli.parameters import command
from mytrader_etl.cli.progress import progress
from mytrader_etl.cli.settings import Settings
from mytrader_etl.client import Client
from mytrader_etl.errors import ExitCode
from mytrader_etl.options import (
    CancelOperationOptions,
    ExecutionHistoryOptions,
    OperationChangesOptions,
    OperationStatusOptions,
    PauseOperationOptions,
    RollbackOutcomesOptions,
    TuneOperationOptions,
)
from mytrader_etl.results import (
    STOPPED,
    Execution,
    FailedRecord,
    OperationStatus,
    RowChange,
    RowOutcome,
    Tuning,
)

_WATCH_SECONDS = 1.0
_STATUS_COLUMNS = (
    "execution_id",
    "operation",
    "target",
    "status",
    "phase",
    "progress_percent",
    "records_changed",
    "records_failed",
    "live_workers",
    "started_at",
    "duration",
)
_CHANGE_COLUMNS = (
    "table_name",
    "key",
    "action",
    "before",
    "after",
    "outcome",
    "message",
)
_HISTORY_COLUMNS = (
    "execution_id",
    "operation",
    "target",
    "status",
    "records_changed",
    "records_skipped",
    "records_failed",
    "quality_before",
    "quality_after",
    "triggered_by",
    "started_at",
    "finished_at",
)


@command(main, OperationStatusOptions, positional=["execution_id"])
@click.option("--watch", is_flag=True, help="Follow the operation until it ends or stops.")
def status(settings: Settings, options: OperationStatusOptions, watch: bool) -> None:
    """Show the running and the latest operations, or one of them in full."""
    with settings.client() as client:
        found = client.status(**options.values())
        if watch and found:
            found = [_watch(client, found[0])]
    if options.execution_id or watch:
        for operation in found:
            output.show(settings.format, operation)
    else:
        output.show_all(settings.format, OperationStatus, found, _STATUS_COLUMNS)
    if watch and found and found[0].status in STOPPED:
        leave(ExitCode.RESUMABLE)


@command(main, ExecutionHistoryOptions)
def history(settings: Settings, options: ExecutionHistoryOptions) -> None:
    """List operations, newest first."""
    with settings.client() as client:
        found = client.history(**options.values())
    output.show_all(settings.format, Execution, found, _HISTORY_COLUMNS)


@command(main, RollbackOutcomesOptions)
def outcomes(settings: Settings, options: RollbackOutcomesOptions) -> None:
    """List what a rollback did to each row."""
    with settings.client() as client:
        found = client.rollback_outcomes(**options.values())
    output.show_all(settings.format, RowOutcome, found)


@command(main, OperationChangesOptions)
def changes(settings: Settings, options: OperationChangesOptions) -> None:
    """List the rows that an operation added or changed in the platform's tables."""
    with settings.client() as client:
        found = client.changes(**options.values())
    output.show_all(settings.format, RowChange, found, _CHANGE_COLUMNS)


@command(main, CancelOperationOptions)
def cancel(settings: Settings, options: CancelOperationOptions) -> None:
    """Stop an operation after its current batches and free its target."""
    with settings.client() as client:
        output.show(settings.format, client.cancel(**options.values()))


@command(main, PauseOperationOptions)
def pause(settings: Settings, options: PauseOperationOptions) -> None:
    """Stop an operation after its current batches and keep its target reserved."""
    with settings.client() as client:
        output.show(settings.format, client.pause(**options.values()))


@command(main, TuneOperationOptions)
def tune(settings: Settings, options: TuneOperationOptions) -> None:
    """Change the pace of an unfinished operation."""
    with settings.client() as client:
        output.show_all(settings.format, Tuning, client.tune(options))


@command(main, name="failed-records")
@click.argument("execution_id", type=click.UUID)
def failed_records(settings: Settings, execution_id: UUID) -> None:
    """List the rows that an operation could not change, each with its error."""
    with settings.client() as client:
        output.show_all(settings.format, FailedRecord, client.failed_records(execution_id))


def _watch(client: Client, operation: OperationStatus) -> OperationStatus:
    with progress() as on_progress:
        while operation.status == "running":
            on_progress(operation)
            time.sleep(_WATCH_SECONDS)
            (operation,) = client.status(operation.execution_id)
    return operation
