"""Generates what is made from the database: ``python -m tools.generate [--check]``.

That is docs/reference.md, and the package driver/options, a class for each public routine.  A
parameter is written once, in SQL: name, type and default in the declaration of the routine, its
meaning in the comment, its range in etl._option_ranges.  Without --dsn a server of its own is
started, migrated, read and stopped.

Nothing that is generated is imported here; the help of the commands, which is made from the
options, is read from a program of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click
import psycopg

from mytrader_etl.deployment import deploy
from mytrader_etl.embedded import EmbeddedServer
from tools.catalog import read_routines
from tools.comments import CommentError
from tools.options import modules
from tools.reference import reference

ROOT = Path(__file__).resolve().parents[1]
OPTIONS = Path("driver", "options")
REFERENCE = Path("docs", "reference.md")
WRITTEN_BY_HAND = {"base.py"}
"""Modules of OPTIONS that are not generated."""


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where a file is out of date.")
@click.option("--dsn", help="A migrated database to read; by default a server of its own.")
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    default=ROOT,
    help="The checkout in which the files are written or checked.",
)
def main(check: bool, dsn: str | None, root: Path) -> None:
    """Generate the options of the routines and the reference."""
    files = _Files(root, check=check)
    try:
        if dsn is None:
            with EmbeddedServer() as server:
                deploy.up(server.dsn())
                _generate(server.dsn(), files)
        else:
            _generate(dsn, files)
    except CommentError as error:
        raise click.ClickException(str(error)) from error
    if check and files.outdated:
        sys.exit(1)


def _generate(dsn: str, files: _Files) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        routines = read_routines(connection)
        files.replace_modules(OPTIONS, modules(routines))
        files.write(REFERENCE, reference(connection, routines, _commands()))


class _Files:
    """The generated files of a checkout; says which are out of date, and writes those anew.

    With ``check`` nothing is written.
    """

    def __init__(self, root: Path, *, check: bool) -> None:
        self._root = root
        self._check = check
        self.outdated = False

    def replace_modules(self, folder: Path, texts: Mapping[str, str]) -> None:
        """Let a package consist of these modules, and of those that are written by hand."""
        for name, text in texts.items():
            self.write(folder / name, text)
        for path in sorted((self._root / folder).glob("*.py")):
            if path.name not in {*texts, *WRITTEN_BY_HAND}:
                self._report(folder / path.name)
                if not self._check:
                    path.unlink()

    def write(self, name: Path, text: str) -> None:
        """Let a file have this text."""
        path = self._root / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return
        self._report(name)
        if not self._check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def _report(self, name: Path) -> None:
        self.outdated = True
        told = f"{name} is out of date: run make docs" if self._check else f"{name} is written anew"
        click.echo(told, err=True)


def _commands() -> str:
    command = [sys.executable, "-m", "tools.commands"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise click.ClickException(f"the commands do not fit the options:\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
