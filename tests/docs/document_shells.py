"""Runs the code blocks of a document as its reader would: in psql, in a shell, in Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from document_support import ROOT, Block

from mytrader_etl.embedded import EmbeddedServer

_DONE = "the block is done"


class Psql:
    """One psql session that stops at its first error; variables live from block to block."""

    def __init__(self, server: EmbeddedServer, environment: dict[str, str]) -> None:
        self._block: Block | None = None
        self._process = subprocess.Popen(
            [server.command("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def send(self, block: Block) -> None:
        """Begin to run a block."""
        self._block = block
        self._stream(self._process.stdin).write(f"{block.text}\n\\warn {_DONE}\n")
        self._stream(self._process.stdin).flush()

    def finish(self) -> None:
        """Wait until the block is done; fail with what psql said where it is not."""
        assert self._block is not None
        said = []
        for line in self._stream(self._process.stderr):
            if line.strip() == _DONE:
                return
            said.append(line)
        raise AssertionError(f"{self._block.place}\n{self._block.text}\n\n{''.join(said)}")

    def close(self) -> None:
        """End the session."""
        self._stream(self._process.stdin).close()
        self._process.wait()
        self._stream(self._process.stderr).close()

    @staticmethod
    def _stream(stream: IO[str] | None) -> IO[str]:
        assert stream is not None
        return stream


def environment(server: EmbeddedServer, dbname: str) -> dict[str, str]:
    """Return the environment of a reader: connected by PG*, with our commands and the server's."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MYTRADER_")}
    folders = (Path(sys.executable).parent, server.command(""), os.environ["PATH"])
    return ours | {
        "PATH": os.pathsep.join(map(str, folders)),
        "PGHOST": server.host,
        "PGPORT": str(server.port),
        "PGUSER": server.user,
        "PGDATABASE": dbname,
    }


def checkout(folder: Path) -> Path:
    """Return a folder that looks like a checkout, to be written into."""
    for name in ("driver", "migrations"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def run_outside(block: Block, environment: dict[str, str], folder: Path) -> None:
    """Run a block of bash or Python; fail with what it printed where it fails."""
    command = {
        "bash": ["bash", "-euo", "pipefail", "-c"],
        "python": [sys.executable, "-c"],
    }[block.language]
    done = subprocess.run(
        [*command, block.text],
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{block.place}\n{block.text}\n\n{done.stdout}"
