"""Runs the demo: playground, story, and how to go on."""

from __future__ import annotations

import shlex
import signal
import sys
from contextlib import closing
from typing import NoReturn
from uuid import UUID

import click
import psycopg

from mytrader_etl.demo import shell, story
from mytrader_etl.demo.playground import DATABASE, Playground
from mytrader_etl.demo.stage import Stage
from mytrader_etl.deployment.sources import SourceError
from mytrader_etl.embedded import EmbeddedServerError
from mytrader_etl.errors import (
    ExitCode,
    MyTraderEtlError,
    OperationInterruptedError,
    translate,
)
from mytrader_etl.options import CorrectAssetClassesOptions, RollbackCorrectionOptions
from mytrader_etl.session import open_session
from mytrader_etl.statements import paste

INTERRUPTED = 130
"""Exit code of a program that Ctrl-C ended, by convention of the shell."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--dsn",
    default="",
    envvar="MYTRADER_ETL_DSN",
    metavar="CONNECTION",
    help="A PostgreSQL of your own (MYTRADER_ETL_DSN): libpq connection string or URL. The demo "
    f"makes a database {DATABASE} there and touches no other.",
)
@click.option("--keep", is_flag=True, help="Keep the database at the end, to look around in it.")
def main(dsn: str, keep: bool) -> None:
    """Tell the whole story on a sample database, in less than a minute.

    Without --dsn an embedded PostgreSQL is started, and removed at the end.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        passed = _play(dsn, keep=keep)
    except (KeyboardInterrupt, OperationInterruptedError) as error:
        why = f": {error}" if str(error) else ""
        click.echo(f"\nStopped{why}. What the demo made is removed.", err=True)
        sys.exit(INTERRUPTED)
    except EmbeddedServerError as error:
        _fail(
            MyTraderEtlError(str(error), hint="Or use a PostgreSQL of your own: --dsn CONNECTION.")
        )
    except SourceError as error:
        _fail(MyTraderEtlError(str(error)))
    except psycopg.Error as error:
        _fail(translate(error))
    except MyTraderEtlError as error:
        _fail(error)
    sys.exit(ExitCode.DONE if passed else ExitCode.FAILED)


def _play(dsn: str, *, keep: bool) -> bool:
    stage = Stage(story.STEPS)
    stage.heading(f"mytrader-etl: a tour in {story.STEPS} steps")
    with Playground(dsn) as playground:
        session = open_session(playground.dsn, application_name="mytrader-etl demo")
        with closing(session) as connection:
            _open(stage, playground, connection.info.server_version)
            correction_id = story.tell(stage, connection, playground.dsn)
        if keep:
            _end_kept(stage, playground, correction_id)
    if not keep:
        _end(stage)
    return stage.passed


def _open(stage: Stage, playground: Playground, version: int) -> None:
    server = f"PostgreSQL {version // 10000}.{version % 10000}"
    where = (
        f"on the embedded {server}, started for it just now"
        if playground.is_embedded
        else f"on your {server}, in the new database {DATABASE}"
    )
    stage.say(
        "mytrader-etl corrects values that one table copies from another, online and in small "
        "committed batches; it proves the result, and can give every row its old value back. The "
        f"tour takes place {where}. Each step says why it is done, shows the command that does the "
        "same by hand, and checks what came out of it."
    )


def _end_kept(stage: Stage, playground: Playground, correction_id: UUID) -> None:
    again = CorrectAssetClassesOptions(
        target_symbols=(story.SYMBOL,), only_process_null_asset_class=False
    )
    stage.heading("What next")
    stage.say("The database is still there. Open psql on it:")
    stage.commands("in the shell:", playground.psql)
    stage.commands(
        f"in psql, correct {story.SYMBOL} again; fill in a missing class, and correct its "
        "bars; take everything back:",
        paste(again),
        "UPDATE symbols SET asset_class = 'STOCK' WHERE ticker = 'RDDT';",
        "CALL etl.correct_asset_classes(target_symbols => '{RDDT}');",
        paste(RollbackCorrectionOptions(correction_id=correction_id)),
        "SELECT * FROM etl.operation_status();",
    )
    stage.commands(
        "the command line can do the same, and shows the SQL of any command:",
        f"export MYTRADER_ETL_DSN={shlex.quote(playground.public_dsn)}",
        f"{shell.program()} health",
        f"{shell.program()} sql correct --batch-size 500",
    )
    stage.commands("remove all of it:", playground.keep())


def _end(stage: Stage) -> None:
    stage.heading("What next")
    stage.say("All that was made for the tour is removed. To look around in it with psql:")
    stage.commands("in the shell:", shell.demo("--keep"))
    stage.commands(
        "on a copy of your own database; the data stay as they are until the last command, "
        "which asks first:",
        "export MYTRADER_ETL_DSN=postgresql://user@host/database",
        f"{shell.program()} migrate up",
        f"{shell.program()} analyze",
        f"{shell.program()} symbols orphans",
        f"{shell.program()} preview",
        f"{shell.program()} correct",
    )


def _fail(error: MyTraderEtlError) -> NoReturn:
    click.echo(f"error: {error.message}", err=True)
    for label, text in (("detail", error.detail), ("hint", error.hint)):
        if text:
            click.echo(f"{label}: {text}", err=True)
    sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
