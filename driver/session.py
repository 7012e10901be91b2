"""Sessions of our own, set right for operations that commit as they go."""

from __future__ import annotations

import logging
import re
from typing import Any

import psycopg
from psycopg import Connection, conninfo
from psycopg.rows import TupleRow

from mytrader_etl.errors import InvalidOptionError

logger = logging.getLogger("mytrader_etl")

_DRIVER_IN_URL = re.compile(r"(?<=^postgresql)\+\w+(?=://)")

_SETTINGS = (
    "SET statement_timeout = 0",  # it would cover the whole CALL; operations have their own
    "SET default_transaction_isolation = 'read committed'",
)

_SETTINGS_SINCE_17 = ("SET transaction_timeout = 0",)


def open_session(dsn: str, **parameters: str | int) -> Connection[TupleRow]:
    """Open an autocommit session without a limit of time, read committed.

    ``parameters`` of libpq replace those of ``dsn``.  Raises psycopg's errors where the server
    can't be reached.
    """
    session = psycopg.connect(
        conninfo.make_conninfo(dsn, **parameters),
        autocommit=True,
        prepare_threshold=None,  # a pooler may hand each transaction to another server session
    )
    session.add_notice_handler(_log_notice)
    since_17 = _SETTINGS_SINCE_17 if session.info.server_version >= 170000 else ()
    for setting in _SETTINGS + since_17:
        session.execute(setting)
    return session


def complete(dsn: str, **defaults: str | int) -> str:
    """Return ``dsn`` with ``defaults`` for what it leaves open.

    The URLs of SQLAlchemy and yoyo (``postgresql+psycopg://``) are understood as well.  What
    libpq can't read is refused without being repeated: it may hold a password.
    """
    try:
        given: dict[str, Any] = conninfo.conninfo_to_dict(_DRIVER_IN_URL.sub("", dsn))
    except psycopg.ProgrammingError:
        raise InvalidOptionError(
            "the connection string cannot be read",
            hint="Write it as postgresql://user@host:port/database or as host=... dbname=...",
        ) from None
    return conninfo.make_conninfo(**(defaults | given))


def conninfo_of(connection: Connection[TupleRow]) -> str:
    """Return how to open one more session like ``connection``, its password included.

    libpq leaves out what equals its built-in defaults, which the environment may override.
    """
    info = connection.info
    return complete(
        conninfo.make_conninfo(info.dsn, password=info.password or None),
        host=info.host,
        port=info.port,
        user=info.user,
        dbname=info.dbname,
    )


def _log_notice(diagnostic: psycopg.errors.Diagnostic) -> None:
    level = logging.WARNING if diagnostic.severity_nonlocalized == "WARNING" else logging.DEBUG
    logger.log(level, "%s", diagnostic.message_primary)
