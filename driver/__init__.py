"""Keeps the derived data of a trading database right; the logic is in PostgreSQL, see procedures/.

``from mytrader_etl import Client`` is the entry point. Nothing is imported before it is used, so
that deployment works where the command line's dependencies are absent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mytrader_etl.deployment.sources import LIBRARY_VERSION as __version__  # noqa: N811

if TYPE_CHECKING:
    from mytrader_etl.client import Client

__all__ = ["Client", "__version__"]


def __getattr__(name: str) -> object:
    """Import Client when it is first asked for."""
    if name == "Client":
        from mytrader_etl.client import Client

        return Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
