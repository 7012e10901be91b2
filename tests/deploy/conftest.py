"""What the deployment tests share: dumps to compare, and libraries of other versions."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

from mytrader_etl import deployment
from mytrader_etl.deployment import sources


class CommandFinder(Protocol):
    """The part of the server fixture that is used here."""

    def command(self, name: str) -> str: ...


@dataclass(frozen=True)
class Tools:
    """Client programs of the server under test, and yoyo."""

    server: CommandFinder

    def run(self, *command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command and return what it printed; its failure is returned as well."""
        return subprocess.run(command, capture_output=True, text=True, check=False, **options)

    def psql(self, dsn: str, script: Path) -> subprocess.CompletedProcess[str]:
        """Run a script as a DBA does."""
        return self.run(self.server.command("psql"), "-X", "-q", "-f", script, dsn)

    def yoyo(self, dsn: str, verb: str, folder: Path | None = None) -> list[str]:
        """Return the command line of plain yoyo on the packaged migrations, for a socket dsn."""
        info = psycopg.conninfo.conninfo_to_dict(dsn)
        url = (
            f"postgresql+psycopg://{info['user']}@/{info['dbname']}"
            f"?host={info['host']}&port={info.get('port', 5432)}"
        )
        migrations = folder or sources.data_dir("migrations")
        return [
            *(sys.executable, "-m", "yoyo", verb, "--batch", "--no-config-file"),
            *("--database", url, str(migrations)),
        ]

    def dump(self, dsn: str) -> str:
        """Return the schema of a database as text, without what differs from run to run."""
        done = self.run(self.server.command("pg_dump"), "--schema-only", dsn)
        assert done.returncode == 0, done.stderr
        return re.sub(r"^(--.*|\\(un)?restrict .*)?\n", "", done.stdout, flags=re.MULTILINE)


@pytest.fixture
def tools(pg_server: CommandFinder) -> Tools:
    return Tools(pg_server)


@pytest.fixture
def install_sql(tmp_path: Path) -> Path:
    """Write what `mytrader-etl sql install` prints into a file."""
    path = tmp_path / "install.sql"
    path.write_text(deployment.install_script())
    return path


class Library:
    """A copy of the library, laid out as a wheel lays it out, whose files a test may change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = folder / "mytrader_etl"
        ignored = shutil.ignore_patterns("__pycache__")
        driver = Path(sources.__file__).resolve().parents[1]
        shutil.copytree(driver, self.package, ignore=ignored)
        for name in ("procedures", "migrations"):
            target = self.package / name
            shutil.copytree(sources.data_dir(name), target, dirs_exist_ok=True, ignore=ignored)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace text in a file of the package; the text has to be there."""
        file = self.package / path
        before = file.read_text()
        assert old in before, f"{old!r} is not in {path}"
        file.write_text(before.replace(old, new))

    def write(self, path: str, text: str) -> None:
        """Add a file to the package."""
        (self.package / path).write_text(textwrap.dedent(text))

    def run(self, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python with this copy as the library."""
        environment = {**os.environ, "PYTHONPATH": str(self.folder)}
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            cwd=self.folder,
        )

    def deploy(self, verb: str, dsn: str) -> str:
        """Call a function of deployment and return what it printed; it has to succeed."""
        code = "import sys; from mytrader_etl import deployment; print(deployment.{}(sys.argv[1]))"
        done = self.run(code.format(verb), dsn)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def library(tmp_path: Path) -> Callable[..., Library]:
    """Return a factory of copies of the library; ``version`` changes its version."""

    def make(version: str = sources.LIBRARY_VERSION) -> Library:
        copy = Library(tmp_path / f"library-{version}")
        copy.edit("deployment/sources.py", f'"{sources.LIBRARY_VERSION}"', f'"{version}"')
        return copy

    return make
