"""Symbols and bars in three kinds of tables."""

from __future__ import annotations

import pytest
from sql_support import Connection
from symbol_tables import NAMES, Platform, make_platform


@pytest.fixture
def template(request: pytest.FixtureRequest, template: str) -> str:
    """Let tests on the tables as we create them begin with these: to make them takes long."""
    kind = getattr(request.node, "callspec", None) and request.node.callspec.params.get("platform")
    if kind == "created" or "created" in request.fixturenames:
        return str(request.getfixturevalue("platform_template"))
    return template


@pytest.fixture(params=list(NAMES))
def platform(request: pytest.FixtureRequest, db: Connection) -> Platform:
    """Return tables of each kind in turn."""
    kind: str = request.param
    return Platform(kind, db) if kind == "created" else make_platform(kind, db)


@pytest.fixture
def created(db: Connection) -> Platform:
    """Return the tables as we create them."""
    return Platform("created", db)
