"""What all commands share: where to connect, in which format to answer, how to fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from mytrader_etl.client import Client

Function = TypeVar("Function", bound=Callable[..., Any])

FORMATS = ("table", "json", "csv")


@dataclass
class Settings:
    """The common options; given before a command, or after it, where the latter counts."""

    dsn: str = ""
    format: str = "table"
    debug: bool = False

    def client(self) -> Client:
        """Connect; use it in a ``with`` block."""
        return Client.connect(self.dsn)


def _remember(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value is not None and parameter.name is not None:
        setattr(ctx.ensure_object(Settings), parameter.name, value)


def common_options(function: Function) -> Function:
    """Add --dsn, --format and --debug; their values are found in Settings."""
    for option in (
        click.option(
            "--debug",
            is_flag=True,
            default=None,
            help="Show tracebacks and debug messages.",
            expose_value=False,
            callback=_remember,
        ),
        click.option(
            "--format",
            type=click.Choice(FORMATS),
            default=None,
            help="How data is written to stdout (default: table; MYTRADER_ETL_FORMAT).",
            expose_value=False,
            callback=_remember,
        ),
        click.option(
            "--dsn",
            default=None,
            metavar="CONNECTION",
            help="libpq connection string or URL (MYTRADER_ETL_DSN); what it leaves open comes "
            "from PGHOST, PGSERVICE and so on. Keep passwords in a passfile or service.",
            expose_value=False,
            callback=_remember,
        ),
    ):
        function = option(function)
    return function
