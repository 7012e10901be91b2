"""Print-only twins of the commands: exactly what to paste into psql, executing nothing.

Every command that calls a routine has one under the same name, for example `sql backups list`.
This module is imported last, when the commands are there.
"""

from __future__ import annotations

import click

from mytrader_etl.cli.app import main
from mytrader_etl.cli.parameters import RoutineCommand, command
from mytrader_etl.cli.settings import Settings
from mytrader_etl.deployment import deploy
from mytrader_etl.options import Routine
from mytrader_etl.statements import paste


@click.group("sql")
def sql_group() -> None:
    """Print the SQL of a command, to paste into psql; nothing is executed."""


@sql_group.command()
def install() -> None:
    """Print one script for `psql -f` that installs everything, as `migrate up` does."""
    click.echo(deploy.install_script())


def _print(_settings: Settings, options: Routine) -> None:
    click.echo(paste(options))


def _add_twins(commands: click.Group, twins: click.Group) -> None:
    for name, found in commands.commands.items():
        if isinstance(found, RoutineCommand):
            twin = command(twins, found.routine, name=name, positional=found.positional)(_print)
            twin.help = f"Print the call of etl.{found.routine.routine}."
        elif isinstance(found, click.Group):
            group = click.Group(name, help=f"Print the SQL of the commands of {name}.")
            _add_twins(found, group)
            if group.commands:
                twins.add_command(group)


_add_twins(main, sql_group)
main.add_command(sql_group)
