"""Installs procedures/, records the hashes of routines and migrations, and sets the grants.

Works with plain ``yoyo apply`` too, where the package mytrader_etl need not be installed: the
installer is loaded by its path, and always the one that belongs to this folder.
"""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from yoyo import step

__depends__ = {
    "0003_corrections",
    "0004_workload_limits",
    "0005_classification",
    "0006_forecast",
    "0007_row_changes",
    "0008_symbols",
    "0009_pace",
    "0010_batch_fit",
    "0011_rooms",
}

# yoyo would run the step inside a savepoint. etl._register_routine recognises what was installed
# by the id of the transaction, so the step opens a plain one itself.
__transactional__ = False

HERE = Path(__file__).resolve().parent


def _load_sources() -> ModuleType:
    """Load sources.py from the package around this folder, or from driver/ in a checkout."""
    name = "_mytrader_etl_sources_of_this_migration"
    packages = (HERE.parent, HERE.parent / "driver")
    files = (package / "deployment" / "sources.py" for package in packages)
    path = next(file for file in files if file.is_file())
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


SOURCES = _load_sources()


def install(connection: Any) -> None:
    """Install the routines, unless a later release's step does."""
    if SOURCES.is_latest_procedure_step(__file__):
        _in_transaction(connection, SOURCES.install)


def uninstall(connection: Any) -> None:
    """Drop the routines that were installed by us."""
    _in_transaction(connection, SOURCES.uninstall)


def _in_transaction(connection: Any, work: Callable[[Any], None]) -> None:
    """Run work in one transaction on a connection that is in autocommit mode."""
    connection.cursor().execute("BEGIN ISOLATION LEVEL READ COMMITTED")
    try:
        work(connection)
    except BaseException:
        connection.cursor().execute("ROLLBACK")
        raise
    connection.cursor().execute("COMMIT")


step(install, uninstall)
