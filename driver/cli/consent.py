"""Destructive commands ask first."""

from __future__ import annotations

import sys
from typing import TypeVar

import click

from mytrader_etl.cli.parameters import Command

Function = TypeVar("Function", bound=Command)


def yes_option(function: Function) -> Function:
    """Add --yes."""
    option = click.option(
        "--yes", is_flag=True, help="Go ahead without showing the plan and asking."
    )
    return option(function)


def ask(question: str) -> None:
    """Go on only with an interactive yes; without a terminal say that --yes is wanted."""
    if not sys.stdin.isatty():
        raise click.UsageError("Nothing was changed. Add --yes to go ahead.")
    click.confirm(question, abort=True, err=True)
