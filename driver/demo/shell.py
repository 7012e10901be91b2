"""Commands of the shell, as the reader of the demo has to write them."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def near(path: Path) -> str:
    """Return a path as seen from the current folder, where it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def program() -> str:
    """Return the command line program of this installation."""
    return near(Path(sys.executable).with_name("mytrader-etl"))


def demo(argument: str) -> str:
    """Return the command that runs the demo with an argument, by make where make runs it now."""
    if "MAKELEVEL" in os.environ:
        return f"make demo ARGS={argument}"
    return f"{near(Path(sys.executable))} -m mytrader_etl.demo {argument}"
