"""Commands about backup tables."""

from __future__ import annotations

import click

from mytrader_etl.cli import output
from mytrader_etl.cli.app import main
from mytrader_etl.cli.consent import ask, yes_option
from mytrader_etl.cli.parameters import command
from mytrader_etl.cli.settings import Settings
from mytrader_etl.options import UNSET, ListBackupsOptions, PurgeBackupsOptions
from mytrader_etl.results import Backup


@main.group()
def backups() -> None:
    """Backup tables: the before-images of corrections."""


@command(backups, ListBackupsOptions, name="list")
def list_(settings: Settings, options: ListBackupsOptions) -> None:
    """List backup tables and what they are still good for."""
    with settings.client() as client:
        output.show_all(settings.format, Backup, client.backups(**options.values()))


@command(backups, PurgeBackupsOptions)
@yes_option
def purge(settings: Settings, options: PurgeBackupsOptions, yes: bool) -> None:
    """Drop old backup tables; their corrections can't be undone afterwards."""
    with settings.client() as client:
        if not (yes or options.dry_run):
            plan = client.purge_backups(options, purge_id=UNSET, dry_run=True)
            click.echo(f"{plan.changed} backup tables would be dropped.", err=True)
            ask("Drop them?")
        result = client.purge_backups(options)
    output.show(settings.format, result)
