"""Commands about targets."""

from __future__ import annotations

from mytrader_etl.cli import output
from mytrader_etl.cli.app import main
from mytrader_etl.cli.parameters import command
from mytrader_etl.cli.settings import Settings
from mytrader_etl.options import RegisterTargetOptions, SetColumnDefaultOptions
from mytrader_etl.results import Target

_COLUMNS = (
    "target",
    "fact_table",
    "key_columns",
    "match_column",
    "value_column",
    "touch_column",
    "dimension_table",
    "dimension_match_column",
    "dimension_value_column",
)


@main.group()
def targets() -> None:
    """Tables to correct, and the tables that know the truth."""


@command(targets, name="list")
def list_(settings: Settings) -> None:
    """List the registered targets."""
    with settings.client() as client:
        output.show_all(settings.format, Target, client.targets(), _COLUMNS)


@command(targets, RegisterTargetOptions)
def register(settings: Settings, options: RegisterTargetOptions) -> None:
    """Register FACT_TABLE as the target TARGET, or change it with --replace."""
    with settings.client() as client:
        client.register_target(options)
        found = [target for target in client.targets() if target.target == options.target]
    output.show(settings.format, found[0])


@command(targets, SetColumnDefaultOptions, name="set-column-default", positional=["value"])
def set_column_default(settings: Settings, options: SetColumnDefaultOptions) -> None:
    """Set what new rows of RELATION get in COLUMN_NAME, where no job knows the column.

    Without VALUE the setting is taken back.
    """
    with settings.client() as client:
        changed = client.set_column_default(**options.values())
    output.show(settings.format, changed)
