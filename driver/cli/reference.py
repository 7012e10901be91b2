"""Commands about reference data: asset classes, markets, trading sessions, data providers."""

from __future__ import annotations

import click

from mytrader_etl.cli import output
from mytrader_etl.cli.app import leave, main
from mytrader_etl.cli.parameters import command
from mytrader_etl.cli.settings import Settings
from mytrader_etl.errors import ExitCode
from mytrader_etl.options import (
    BootstrapReferenceDataOptions,
    BootstrapStatusOptions,
    CreatePlatformTablesOptions,
    MarketStatusOptions,
    ReferenceDataOptions,
    ValidateReferenceDataOptions,
)
from mytrader_etl.results import ComponentStatus, MarketStatus, ReferenceFinding, ReferenceItem


@main.group()
def reference() -> None:
    """Asset classes, markets, trading sessions, data providers."""


@command(reference, BootstrapReferenceDataOptions)
def bootstrap(settings: Settings, options: BootstrapReferenceDataOptions) -> None:
    """Put the reference data into the platform's tables.

    Rows that are there already stay as they are, unless --overwrite-existing. `mytrader-etl undo`
    with the id that it prints takes everything back.
    """
    with settings.client() as client:
        result = client.bootstrap_reference_data(options)
    output.show(settings.format, result)
    if result.failed:
        leave(ExitCode.INCOMPLETE)


@command(reference, ReferenceDataOptions, name="list")
def list_(settings: Settings, _: ReferenceDataOptions) -> None:
    """List the reference data itself."""
    with settings.client() as client:
        output.show_all(settings.format, ReferenceItem, client.reference_data())


@command(reference, ValidateReferenceDataOptions)
def validate(settings: Settings, _: ValidateReferenceDataOptions) -> None:
    """List what is wrong with the platform's reference data; exit 7 where something is."""
    with settings.client() as client:
        findings = client.validate_reference_data()
    output.show_all(settings.format, ReferenceFinding, findings)
    leave(ExitCode.UNHEALTHY if findings else ExitCode.DONE)


@command(reference, BootstrapStatusOptions)
def status(settings: Settings, _: BootstrapStatusOptions) -> None:
    """Show how many rows of each component are present, missing and customised."""
    with settings.client() as client:
        output.show_all(settings.format, ComponentStatus, client.bootstrap_status())


@command(reference, MarketStatusOptions, name="market-status", positional=["market"])
def market_status(settings: Settings, options: MarketStatusOptions) -> None:
    """Show which markets are open, and when that changes."""
    with settings.client() as client:
        found = client.market_status(**options.values())
    output.show_all(settings.format, MarketStatus, found)


@command(reference, CreatePlatformTablesOptions, name="create-tables")
def create_tables(settings: Settings, options: CreatePlatformTablesOptions) -> None:
    """Create the platform's tables that are missing."""
    with settings.client() as client:
        for table in client.create_platform_tables(**options.values()):
            click.echo(table)
