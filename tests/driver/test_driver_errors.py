"""Errors of the database become exceptions by their SQLSTATE, with all they say."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from mytrader_etl import Client
from mytrader_etl.errors import (
    OPERATION_ERRORS,
    DatabaseUnavailableError,
    InvalidOptionError,
    MissingRightsError,
    MyTraderEtlError,
    NotInstalledError,
    SchemaMismatchError,
    UnknownOperationError,
    translate,
)


@pytest.mark.parametrize("kind", OPERATION_ERRORS)
def test_every_code(db: psycopg.Connection[Any], kind: type[MyTraderEtlError]) -> None:
    with pytest.raises(psycopg.Error) as caught:
        db.execute(
            f"DO $$ BEGIN RAISE EXCEPTION 'what' USING ERRCODE = '{kind.code}',"
            " DETAIL = 'with numbers', HINT = 'do this'; END $$"
        )
    error = translate(caught.value)
    assert type(error) is kind
    assert (error.message, error.sqlstate, error.detail, error.hint) == (
        "what",
        kind.code,
        "with numbers",
        "do this",
    )


def test_codes_are_without_gaps() -> None:
    assert [error.code for error in OPERATION_ERRORS] == [f"ME{n:03}" for n in range(1, 13)]


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("SELECT 'x'::int", InvalidOptionError),
        ("SELECT 'a while'::interval", InvalidOptionError),
        ("SELECT 99999999999::int", InvalidOptionError),
        ("SELECT 1/0", MyTraderEtlError),
        ("SELECT pg_terminate_backend(pg_backend_pid())", DatabaseUnavailableError),
    ],
)
def test_other_codes(session: Any, statement: str, kind: type[MyTraderEtlError]) -> None:
    with session() as connection, pytest.raises(psycopg.Error) as caught:
        connection.execute(statement)
    assert type(translate(caught.value)) is kind


def test_missing_rights(db: psycopg.Connection[Any], session: Any) -> None:
    name = f"nobody_{uuid4().hex}"
    db.execute(f"CREATE ROLE {name} LOGIN")
    try:
        with session(user=name) as connection, pytest.raises(MissingRightsError) as caught:
            Client(connection)
        assert caught.value.sqlstate == "42501"
        assert "etl_reader" in (caught.value.hint or "")
    finally:
        db.execute(f"DROP ROLE {name}")


def test_not_installed(empty_dsn: str) -> None:
    with pytest.raises(NotInstalledError) as caught:
        Client.connect(empty_dsn)
    assert "migrate up" in (caught.value.hint or "")


def test_other_version(db: psycopg.Connection[Any], dsn: str) -> None:
    db.execute("INSERT INTO etl.installation (library_version) VALUES ('99.0.0')")
    with pytest.raises(SchemaMismatchError) as caught:
        Client.connect(dsn)
    assert "99.0.0" in (caught.value.detail or "")


def test_server_that_is_not_there() -> None:
    with pytest.raises(DatabaseUnavailableError) as caught:
        Client.connect("host=/nonexistent dbname=x")
    assert "--dsn" in (caught.value.hint or "")


def test_unreadable_connection_string_is_not_repeated() -> None:
    with pytest.raises(InvalidOptionError) as caught:
        Client.connect("postgresq//me:secret@host")
    assert "secret" not in f"{caught.value} {caught.value.hint}"


def test_unknown_operation(market: psycopg.Connection[Any]) -> None:
    unknown = uuid4()
    with pytest.raises(UnknownOperationError) as caught:
        Client(market).cancel(unknown)
    assert str(unknown) in caught.value.message
    assert caught.value.hint
