"""Deployment: bring a database to this library's version, back again, and tell how it stands.

Nothing is imported before it is used: who only wants to know the version needs no yoyo.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mytrader_etl.deployment.deploy import (
        DeployReport,
        Finding,
        MigrationState,
        down,
        install_script,
        plan_down,
        status,
        up,
        verify,
    )

__all__ = [
    "DeployReport",
    "Finding",
    "MigrationState",
    "down",
    "install_script",
    "plan_down",
    "status",
    "up",
    "verify",
]


def __getattr__(name: str) -> object:
    """Import what is asked for."""
    if name in __all__:
        return getattr(import_module("mytrader_etl.deployment.deploy"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
