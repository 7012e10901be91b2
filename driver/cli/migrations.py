"""Commands that install, upgrade, check and remove the schema."""

from __future__ import annotations

import click

from mytrader_etl.cli import output
from mytrader_etl.cli.app import leave, main
from mytrader_etl.cli.consent import ask, yes_option
from mytrader_etl.cli.parameters import command
from mytrader_etl.cli.settings import Settings
from mytrader_etl.deployment import deploy
from mytrader_etl.errors import ExitCode
from mytrader_etl.session import complete


@main.group()
def migrate() -> None:
    """Install, upgrade, check and remove the schema etl."""


@command(migrate)
@click.option(
    "--with-tables",
    is_flag=True,
    help="Also create the platform's tables (symbols, market_data, ...) that are missing.",
)
def up(settings: Settings, with_tables: bool) -> None:
    """Apply what is missing and install this version's routines; safe to repeat."""
    output.show(settings.format, deploy.up(complete(settings.dsn), with_tables=with_tables))


@command(migrate)
@click.option("--revision", help="The migration to be the last one applied; none by default.")
@yes_option
def down(settings: Settings, revision: str | None, yes: bool) -> None:
    """Undo migrations; with the tables their contents are lost."""
    dsn = complete(settings.dsn)
    if not yes:
        plan = deploy.plan_down(dsn, revision)
        click.echo(f"Would be undone: {', '.join(plan) or 'nothing'}.", err=True)
        ask("Undo them, and lose what their tables hold?")
    output.show(settings.format, deploy.down(dsn, revision))


@command(migrate)
def status(settings: Settings) -> None:
    """List the migrations and which of them are applied."""
    output.show_all(settings.format, deploy.MigrationState, deploy.status(complete(settings.dsn)))


@command(migrate)
def verify(settings: Settings) -> None:
    """Name every routine and migration that is edited, missing or foreign; exit 6 where one is."""
    findings = deploy.verify(complete(settings.dsn))
    output.show_all(settings.format, deploy.Finding, findings)
    leave(ExitCode.SCHEMA_MISMATCH if findings else ExitCode.DONE)
