"""Commands that change data: correct, join, resume, rollback, undo, retry."""

from __future__ import annotations

import click

from mytrader_etl.cli import output
from mytrader_etl.cli.app import leave, main
from mytrader_etl.cli.consent import ask, yes_option
from mytrader_etl.cli.parameters import command
from mytrader_etl.cli.progress import progress
from mytrader_etl.cli.quality import show_preview
from mytrader_etl.cli.settings import Settings
from mytrader_etl.client import Client
from mytrader_etl.errors import ExitCode
from mytrader_etl.options import (
    CorrectAssetClassesOptions,
    JoinOperationOptions,
    PreviewCorrectionOptions,
    ResumeOperationOptions,
    RetryFailedRecordsOptions,
    RollbackCorrectionOptions,
    RollbackOperationOptions,
)
from mytrader_etl.results import STOPPED, OperationResult


@command(main, CorrectAssetClassesOptions)
@yes_option
def correct(settings: Settings, options: CorrectAssetClassesOptions, yes: bool) -> None:
    """Correct the values of a target from its dimension table.

    Works in small committed batches, with a before-image of every changed row. Ctrl-C stops at the
    next batch; what is done stays, and `mytrader-etl resume` goes on.
    """
    with settings.client() as client:
        if not (yes or options.dry_run):
            show_preview(client.preview(PreviewCorrectionOptions.of(options)), to_stderr=True)
            ask("Correct these records?")
        with progress() as on_progress:
            result = client.correct(options, on_progress=on_progress)
    _finish(settings, result)


@command(main, JoinOperationOptions)
def join(settings: Settings, options: JoinOperationOptions) -> None:
    """Work on a running operation with one more session."""
    with settings.client() as client, progress() as on_progress:
        result = client.join(options.execution_id, on_progress=on_progress)
    _finish(settings, result)


@command(main, ResumeOperationOptions)
@click.option(
    "--max-concurrency", type=int, default=1, show_default=True, help="Sessions to work with."
)
def resume(settings: Settings, options: ResumeOperationOptions, max_concurrency: int) -> None:
    """Go on with an operation that was stopped or interrupted."""
    with settings.client() as client, progress() as on_progress:
        result = client.resume(
            **options.values(), max_concurrency=max_concurrency, on_progress=on_progress
        )
    _finish(settings, result)


@command(main, RollbackCorrectionOptions)
@yes_option
def rollback(settings: Settings, options: RollbackCorrectionOptions, yes: bool) -> None:
    """Give the rows of a correction their old values back.

    Rows changed since by somebody else keep their value, unless --on-conflict says otherwise.
    """
    with settings.client() as client:
        if not (yes or options.dry_run):
            _show_rollback_plan(client, options)
            ask("Roll back?")
        with progress() as on_progress:
            result = client.rollback(options=options, on_progress=on_progress)
    _finish(settings, result, conflicts=bool(result.skipped))


@command(main, RollbackOperationOptions)
@yes_option
def undo(settings: Settings, options: RollbackOperationOptions, yes: bool) -> None:
    """Undo any operation by its id.

    A correction is rolled back from its backup; rows that another job added are deleted, and
    columns that it changed get their old values. Rows changed since by somebody else stay, unless
    --on-conflict says otherwise.
    """
    with settings.client() as client:
        if not (yes or options.dry_run):
            _show_undo_plan(client, options)
            ask("Undo it?")
        with progress() as on_progress:
            result = client.undo(options, on_progress=on_progress)
    _finish(settings, result, conflicts=bool(result.skipped))


@command(main, RetryFailedRecordsOptions)
def retry(settings: Settings, options: RetryFailedRecordsOptions) -> None:
    """Try the failed records of a correction once more."""
    with settings.client() as client, progress() as on_progress:
        result = client.retry_failed(**options.values(), on_progress=on_progress)
    _finish(settings, result)


def _show_rollback_plan(client: Client, options: RollbackCorrectionOptions) -> None:
    (correction,) = client.status(options.correction_id)
    click.echo(
        f"Correction {correction.execution_id} ({correction.status}) changed "
        f"{correction.records_changed:,} records of {correction.target}; "
        f"their old values are in {correction.backup_table or 'no backup'}.",
        err=True,
    )
    if options.target_symbols:
        click.echo(f"Only symbols: {', '.join(options.target_symbols)}.", err=True)
    if options.batch_numbers:
        click.echo(f"Only batches: {', '.join(map(str, options.batch_numbers))}.", err=True)
    click.echo(f"Records changed since: {options.effective('on_conflict')}.", err=True)


def _show_undo_plan(client: Client, options: RollbackOperationOptions) -> None:
    (operation,) = client.status(options.execution_id)
    click.echo(
        f"The {operation.operation} {operation.execution_id} ({operation.status}) changed "
        f"{operation.records_changed:,} records. "
        f"Records changed since: {options.effective('on_conflict')}.",
        err=True,
    )


def _finish(settings: Settings, result: OperationResult, *, conflicts: bool = False) -> None:
    output.show(settings.format, result)
    if result.status in STOPPED:
        click.echo(f"Go on with: mytrader-etl resume {result.execution_id}", err=True)
        leave(ExitCode.RESUMABLE)
    elif result.status == "failed":
        leave(ExitCode.FAILED)
    elif conflicts or result.failed:
        leave(ExitCode.INCOMPLETE)
