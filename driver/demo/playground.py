"""Where the demo plays: a database of its own, on an embedded server or on one of the user's."""

from __future__ import annotations

import atexit
import os
import shlex
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import TracebackType
from typing import Any, NoReturn, Self

import psycopg
from psycopg import Connection, conninfo, sql

from mytrader_etl.deployment.sources import ROLES
from mytrader_etl.embedded import EmbeddedServer
from mytrader_etl.errors import MyTraderEtlError
from mytrader_etl.session import complete, open_session

DATABASE = "mytrader_etl_demo"

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Playground:
    """A database for the demo alone; use it as a context manager.

    Without ``dsn`` it lies on an embedded server.  With one, it is created on that server beside
    the database that ``dsn`` names, which is not touched.  At the end everything that was made is
    removed, unless :meth:`keep` was called.

    Raises MyTraderEtlError where the database cannot be made or exists already.
    """

    def __init__(self, dsn: str = "") -> None:
        self._given_dsn = dsn
        self._server: EmbeddedServer | None = None
        self._end = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            if self._given_dsn:
                self._maintenance_dsn = complete(self._given_dsn)
            else:
                self._server = EmbeddedServer()
                undo.callback(_stop, self._server)
                with undisturbed():
                    self._server.__enter__()
                self._maintenance_dsn = self._server.dsn()
            self.dsn = conninfo.make_conninfo(self._maintenance_dsn, dbname=DATABASE)
            self._create_database(undo)
            self._end = undo.pop_all()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end.close()

    @property
    def is_embedded(self) -> bool:
        """Whether the server is the demo's own as well."""
        return self._server is not None

    @property
    def public_dsn(self) -> str:
        """The connection string without a password."""
        return _without_password(self.dsn)

    @property
    def psql(self) -> str:
        """The shell command that opens the database in psql."""
        program = "psql" if self._server is None else self._server.command("psql")
        return shlex.join([program, self.public_dsn])

    def keep(self) -> str:
        """Leave everything as it is, and return the shell command that removes it.

        An embedded server goes on with a process in the background, which removes all when it is
        killed.
        """
        if self._server is None:
            drops = [f"DROP DATABASE {DATABASE}", *(f"DROP ROLE {r}" for r in self._made_roles())]
            commands = [part for drop in drops for part in ("-c", drop)]
            removal = ["psql", _without_password(self._maintenance_dsn), *commands]
        else:
            keeper = os.fork()
            if keeper == 0:
                _keep(self._server)
            atexit.unregister(self._server.close)
            removal = ["kill", str(keeper)]
        self._end.pop_all()
        return shlex.join(removal)

    def _create_database(self, undo: ExitStack) -> None:
        with undisturbed(), _connect(self._maintenance_dsn) as connection:
            self._roles_before = _group_roles(connection)
            try:
                # template0, because template1 may hold tables of the user's.
                connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
            except psycopg.errors.DuplicateDatabase as error:
                raise MyTraderEtlError(
                    f"database {DATABASE} exists already",
                    detail="The demo makes a database of its own and touches no other.",
                    hint=f"If it is left from an earlier demo: DROP DATABASE {DATABASE};",
                ) from error
            except psycopg.errors.InsufficientPrivilege as error:
                raise MyTraderEtlError(
                    f"role {connection.info.user} may not create database {DATABASE}",
                    hint="Connect as a role with CREATEDB, or leave --dsn away for an embedded "
                    "server.",
                ) from error
            if self._server is None:
                undo.callback(self._drop_database)

    def _drop_database(self) -> None:
        """Drop the demo's database, and the group roles that came with it."""
        with undisturbed(), _connect(self._maintenance_dsn) as connection:
            connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
            for role in self._made_roles():
                # Unless another database has come to use it, or somebody else made it.
                with suppress(
                    psycopg.errors.DependentObjectsStillExist, psycopg.errors.InsufficientPrivilege
                ):
                    connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))

    def _made_roles(self) -> set[str]:
        with _connect(self._maintenance_dsn) as connection:
            return _group_roles(connection) - self._roles_before


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put Ctrl-C and SIGTERM off to the end of the block: half a start or stop leaves things."""
    came: list[int] = []

    def wait(number: int, _frame: object) -> None:
        came.append(number)

    before = {number: signal.signal(number, wait) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            raise KeyboardInterrupt


def _stop(server: EmbeddedServer) -> None:
    with undisturbed():
        server.close()


def _keep(server: EmbeddedServer) -> NoReturn:
    """Hold a server until a signal comes or it ends by itself; then remove it, and exit."""
    came: list[int] = []
    for number in _STOP_SIGNALS:
        signal.signal(number, lambda number, _: came.append(number))
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    running = server.data_dir / "postmaster.pid"
    while running.exists() and not came:
        time.sleep(0.2)
    server.close()
    os._exit(0)


def _group_roles(connection: Connection[Any]) -> set[str]:
    rows = connection.execute(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY (%s)", [list(ROLES)]
    )
    return {name for (name,) in rows}


def _connect(dsn: str) -> Connection[Any]:
    return open_session(dsn, application_name="mytrader-etl demo")


def _without_password(dsn: str) -> str:
    parts = conninfo.conninfo_to_dict(dsn)
    parts.pop("password", None)
    return conninfo.make_conninfo("", **parts)
