"""Commands about symbols."""

from __future__ import annotations

import click

from mytrader_etl.cli import output
from mytrader_etl.cli.app import leave, main
from mytrader_etl.cli.consent import ask, yes_option
from mytrader_etl.cli.parameters import command
from mytrader_etl.cli.progress import progress
from mytrader_etl.cli.settings import Settings
from mytrader_etl.errors import ExitCode
from mytrader_etl.options import (
    UNSET,
    ClassifySymbolOptions,
    FindOrphanedSymbolsOptions,
    SymbolFindingsOptions,
    SymbolSyncStatusOptions,
    SyncSymbolsOptions,
    ValidateCleanupSymbolsOptions,
)
from mytrader_etl.results import STOPPED, JobResult, Orphan, SymbolFinding

_FINDING_COLUMNS = ("ticker", "venue", "issue_type", "description", "is_fixed", "action")


@main.group()
def symbols() -> None:
    """Tickers: what they are, and what is known of them."""


@command(symbols, ClassifySymbolOptions)
def classify(settings: Settings, options: ClassifySymbolOptions) -> None:
    """Explain how TICKER is classified; a dash in front needs -- before it."""
    with settings.client() as client:
        output.show(settings.format, client.classify_symbol(**options.values()))


@command(symbols, FindOrphanedSymbolsOptions)
def orphans(settings: Settings, options: FindOrphanedSymbolsOptions) -> None:
    """List the tickers that have bars and no symbol."""
    with settings.client() as client:
        found = client.find_orphaned_symbols(**options.values())
    output.show_all(settings.format, Orphan, found)


@command(symbols, SyncSymbolsOptions)
@yes_option
def sync(settings: Settings, options: SyncSymbolsOptions, yes: bool) -> None:
    """Add a symbol for every ticker that has bars and none."""
    with settings.client() as client:
        if not (yes or options.dry_run):
            plan = client.sync_symbols(options, sync_id=UNSET, dry_run=True).result
            click.echo(
                f"{plan['added']} symbols would be added, {plan['updated']} completed, "
                f"{plan['skipped']} skipped; by class: {_counts(plan['by_class'])}.",
                err=True,
            )
            _warn(plan)
            ask("Synchronize?")
        with progress() as on_progress:
            result = client.sync_symbols(options, on_progress=on_progress)
    _warn(result.result)
    _finish(settings, result)


@command(symbols, ValidateCleanupSymbolsOptions)
@yes_option
def cleanup(settings: Settings, options: ValidateCleanupSymbolsOptions, yes: bool) -> None:
    """Check every symbol, and fix what is safe to fix; nothing is deleted."""
    with settings.client() as client:
        if options.effective("fix") and not (yes or options.dry_run):
            plan = client.cleanup_symbols(options, cleanup_id=UNSET, dry_run=True).result
            click.echo(
                f"{plan['findings']} findings ({_counts(plan['by_issue'])}); "
                f"{plan['updated']} symbols would be changed.",
                err=True,
            )
            ask("Fix them?")
        with progress() as on_progress:
            result = client.cleanup_symbols(options, on_progress=on_progress)
    _finish(settings, result)


@command(symbols, SymbolFindingsOptions, positional=["execution_id"])
def findings(settings: Settings, options: SymbolFindingsOptions) -> None:
    """List what a clean-up found, the latest one unless another is named."""
    with settings.client() as client:
        found = client.symbol_findings(**options.values())
    output.show_all(settings.format, SymbolFinding, found, _FINDING_COLUMNS)


@command(symbols, SymbolSyncStatusOptions)
def status(settings: Settings, options: SymbolSyncStatusOptions) -> None:
    """Tell whether the symbols are complete; exits 7 where they are not."""
    with settings.client() as client:
        found = client.symbol_sync_status(**options.values())
    output.show(settings.format, found)
    leave(ExitCode.DONE if found.is_healthy else ExitCode.UNHEALTHY)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def _warn(result: dict[str, list[str]]) -> None:
    for warning in result.get("warnings", []):
        click.echo(f"warning: {warning}", err=True)


def _finish(settings: Settings, result: JobResult) -> None:
    output.show(settings.format, result)
    if result.status in STOPPED:
        click.echo(f"Go on with: mytrader-etl resume {result.execution_id}", err=True)
        leave(ExitCode.RESUMABLE)
    elif result.failed:
        leave(ExitCode.INCOMPLETE)
