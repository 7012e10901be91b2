"""Fixtures of the reliability tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from reliability_support import BARS, Connection, Undisturbed, correct, make_market, run_undisturbed


@pytest.fixture
def bars(db: Connection) -> Connection:
    """Return a session on a database with the platform's tables."""
    make_market(db, BARS)
    return db


@pytest.fixture(scope="module")
def undisturbed(pg_server: Any, migrated_template: Any) -> Iterator[Undisturbed]:
    """Run once what the tests of a module disturb, in a database of its own."""
    name = f"undisturbed_{uuid4().hex[:8]}"
    template = migrated_template.template_dbname
    with psycopg.connect(pg_server.dsn(), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"')
        with psycopg.connect(pg_server.dsn(name), autocommit=True) as db:
            make_market(db, BARS)
            yield run_undisturbed(db, pg_server.dsn(name))
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def corrected(bars: Connection, dsn: str) -> Callable[..., UUID]:
    """Return a function that corrects the market and returns the id."""

    def run(**options: Any) -> UUID:
        correction_id = uuid4()
        correct(dsn, correction_id=correction_id, **options).done()
        return correction_id

    return run
