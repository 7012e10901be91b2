"""Symbols and bars in three kinds of tables."""

from __future__ import annotations

import pytest
from sql_support import Connection
from symbol_tables import NAMES, Platform, make_platform


@pytest.fixture(params=list(NAMES))
def platform(request: pytest.FixtureRequest, db: Connection) -> Platform:
    """Return tables of each kind in turn."""
    return make_platform(request.param, db)


@pytest.fixture
def created(db: Connection) -> Platform:
    """Return the tables as we create them."""
    return make_platform("created", db)
