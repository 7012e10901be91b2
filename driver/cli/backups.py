"""Commands about backup tables."""

from __future__ import annotations

import click

from mytrader_etl.cli import output
from mytrader_etl.cli.app import main
from mytrader_etl.cli.consent import ask, yes_option
from mytrader_etl.cli.parameters import command
from mytrader_etl.cli.settings import Settings
from mytrader_etl.options import BackupsOptions, PurgeOptions
from mytrader_etl.results import Backup


@main.group()
def backups() -> None:
    """Backup tables: the before-images of corrections."""


@command(backups, BackupsOptions, name="list")
def list_(settings: Settings, options: BackupsOptions) -> None:
    """List backup tables and what they are still good for."""
    with settings.client() as client:
        output.show_all(settings.format, Backup, client.backups(options.target))


@command(backups, PurgeOptions)
@yes_option
def purge(settings: Settings, options: PurgeOptions, yes: bool) -> None:
    """Drop old backup tables; their corrections can't be undone afterwards."""
    with settings.client() as client:
        if not (yes or options.dry_run):
            plan = client.purge_backups(
                older_than=options.older_than, keep_last=options.keep_last, dry_run=True
            )
            click.echo(f"{plan.changed} backup tables would be dropped.", err=True)
            ask("Drop them?")
        result = client.purge_backups(
            older_than=options.older_than, keep_last=options.keep_last, dry_run=options.dry_run
        )
    output.show(settings.format, result)
