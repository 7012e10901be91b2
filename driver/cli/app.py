"""The root command: common options, errors to exit codes, messages to stderr."""

from __future__ import annotations

import logging
from typing import Any

import click
import psycopg

from mytrader_etl import __version__
from mytrader_etl.cli.settings import Settings, common_options
from mytrader_etl.deployment.sources import SourceError
from mytrader_etl.errors import ExitCode, MyTraderEtlError, translate


class _Root(click.Group):
    """A group that tells errors as message, detail and hint, and ends with their exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except psycopg.Error as error:
            return _fail(ctx, translate(error), error)
        except SourceError as error:
            return _fail(ctx, MyTraderEtlError(str(error)), error)
        except MyTraderEtlError as error:
            return _fail(ctx, error, error)


def _fail(ctx: click.Context, told: MyTraderEtlError, cause: Exception) -> None:
    if ctx.ensure_object(Settings).debug:
        raise cause
    code = f" ({told.sqlstate})" if told.sqlstate else ""
    click.echo(f"error{code}: {told.message}", err=True)
    if told.detail:
        click.echo(f"detail: {told.detail}", err=True)
    if told.hint:
        click.echo(f"hint: {told.hint}", err=True)
    ctx.exit(told.exit_code)


class _ToStderr(logging.Handler):
    """Messages of the library, through click so that a progress bar is not torn."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(f"{record.levelname.lower()}: {record.getMessage()}", err=True)


@click.group(
    cls=_Root,
    context_settings={
        "auto_envvar_prefix": "MYTRADER_ETL",
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
)
@common_options
@click.version_option(__version__, prog_name="mytrader-etl")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Keep the derived data of a trading database right.

    Data goes to stdout, everything else to stderr. Every option can be given in the environment
    as well: --batch-size of the command correct as MYTRADER_ETL_CORRECT_BATCH_SIZE, and so on.
    An option that is not given gets the default of the database. Lists are written with commas;
    the word NULL instead of a list stands for SQL's NULL.

    \b
    Exit codes: 0 done, 1 failed, 2 usage or invalid option, 3 another operation is running,
    4 stopped but resumable, 5 done with conflicts or failed records, 6 schema mismatch,
    7 unhealthy.
    """  # noqa: D301
    logger = logging.getLogger("mytrader_etl")
    logger.handlers = [_ToStderr()]
    logger.setLevel(logging.DEBUG if ctx.ensure_object(Settings).debug else logging.WARNING)


def leave(code: ExitCode) -> None:
    """End the command with this exit code, unless it says that all is done."""
    if code is not ExitCode.DONE:
        click.get_current_context().exit(code)
