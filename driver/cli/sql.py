"""Print-only twins of the commands: exactly what to paste into psql, executing nothing."""

from __future__ import annotations

import click

from mytrader_etl.cli.app import main
from mytrader_etl.cli.parameters import command
from mytrader_etl.cli.settings import Settings
from mytrader_etl.deployment import deploy
from mytrader_etl.options import (
    AnalyzeOptions,
    BackupsOptions,
    BootstrapOptions,
    BootstrapStatusOptions,
    CancelOptions,
    ChangesOptions,
    ClassifyOptions,
    CleanupOptions,
    ColumnDefaultOptions,
    CorrectionOptions,
    FindingsOptions,
    HealthOptions,
    HistoryOptions,
    JoinOptions,
    MarketStatusOptions,
    MetricsOptions,
    OrphansOptions,
    OutcomesOptions,
    PauseOptions,
    PlatformTablesOptions,
    PreviewOptions,
    PurgeOptions,
    ReferenceDataOptions,
    ResumeOptions,
    RetryOptions,
    RollbackOptions,
    Routine,
    StatusOptions,
    SyncOptions,
    SyncStatusOptions,
    TargetOptions,
    TuneOptions,
    UndoOptions,
    ValidateOptions,
    ValidateReferenceOptions,
)
from mytrader_etl.statements import paste

_TWINS: dict[str, type[Routine]] = {
    "analyze": AnalyzeOptions,
    "preview": PreviewOptions,
    "correct": CorrectionOptions,
    "join": JoinOptions,
    "resume": ResumeOptions,
    "validate": ValidateOptions,
    "status": StatusOptions,
    "health": HealthOptions,
    "metrics": MetricsOptions,
    "history": HistoryOptions,
    "rollback": RollbackOptions,
    "outcomes": OutcomesOptions,
    "undo": UndoOptions,
    "changes": ChangesOptions,
    "retry": RetryOptions,
    "cancel": CancelOptions,
    "pause": PauseOptions,
    "tune": TuneOptions,
    "list-backups": BackupsOptions,
    "purge-backups": PurgeOptions,
    "register-target": TargetOptions,
    "set-column-default": ColumnDefaultOptions,
    "classify": ClassifyOptions,
    "bootstrap-reference-data": BootstrapOptions,
    "reference-data": ReferenceDataOptions,
    "validate-reference-data": ValidateReferenceOptions,
    "bootstrap-status": BootstrapStatusOptions,
    "market-status": MarketStatusOptions,
    "create-platform-tables": PlatformTablesOptions,
    "find-orphans": OrphansOptions,
    "sync-symbols": SyncOptions,
    "cleanup-symbols": CleanupOptions,
    "symbol-findings": FindingsOptions,
    "symbol-status": SyncStatusOptions,
}


@main.group("sql")
def sql_group() -> None:
    """Print the SQL of a command, to paste into psql; nothing is executed."""


@sql_group.command()
def install() -> None:
    """Print one script for `psql -f` that installs everything, as `migrate up` does."""
    click.echo(deploy.install_script())


def _print(_settings: Settings, options: Routine) -> None:
    click.echo(paste(options))


def _help(routine: type[Routine]) -> str:
    return (routine.__doc__ or "").replace("``", "")


for _name, _routine in _TWINS.items():
    command(sql_group, _routine, name=_name)(_print).help = _help(_routine)
