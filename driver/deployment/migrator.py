"""yoyo, wrapped so that several installers and a stale lock do no harm.

yoyo locks by a committed row, which a killed process leaves behind. So whoever deploys through
this package first takes an advisory lock, in a transaction that stays open meanwhile (it is gone
with the session, and works behind a transaction pooler), and may then remove a stale row.
"""

from __future__ import annotations

import contextlib
import glob
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from yoyo import read_migrations
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import DatabaseURI
from yoyo.exceptions import LockTimeout
from yoyo.migrations import MigrationList, default_migration_table

from mytrader_etl.deployment import sources
from mytrader_etl.errors import MyTraderEtlError, OperationRunningError

Connection = psycopg.Connection[Any]

LOCK_KEY = int.from_bytes(b"mytrader", "big")
"""Key of the advisory lock that every installer of ours takes, `sql install` included."""

LOCK_WAIT = 10.0
"""Seconds to wait for a plain yoyo that seems alive, before its lock row counts as stale."""

YOYO_TIMEOUT = 60.0
"""Seconds to wait for yoyo's own lock after that."""

# Somebody else may hold yoyo's lock row only if there is another session in this database, apart
# from installers of ours: those hold the advisory lock or wait for it.
OTHER_SESSIONS = f"""
    SELECT FROM pg_catalog.pg_stat_activity a
     WHERE a.datname = current_database()
       AND coalesce(a.backend_type, 'client backend') = 'client backend'
       AND a.pid <> pg_backend_pid()
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_locks l
                        WHERE l.pid = a.pid
                          AND l.locktype = 'advisory'
                          AND l.objsubid = 1
                          AND (l.classid::bigint << 32) | l.objid::bigint = {LOCK_KEY})
"""


@contextlib.contextmanager
def exclusive(conninfo: str) -> Iterator[None]:
    """Keep every other installer of ours out; waits for as long as another one works."""
    with psycopg.connect(conninfo, application_name="mytrader-etl migrate") as connection:
        connection.execute(
            """
            SELECT set_config(name, '0', true)
              FROM pg_catalog.pg_settings
             WHERE name IN ('lock_timeout', 'statement_timeout', 'transaction_timeout',
                            'idle_in_transaction_session_timeout')
            """
        )
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK_KEY,))
        yield


class Migrator:
    """Applies and rolls back the packaged migrations; use inside exclusive()."""

    def __init__(self, work: Connection, on_notice: Callable[[str], None]) -> None:
        """Prepare for the database behind ``work``, an autocommit connection that stays open."""
        self._work = work
        parameters = {k: v for k, v in conninfo_to_dict(conninfo_of(work)).items() if k != "dbname"}
        uri = DatabaseURI(
            "postgresql+psycopg", None, None, None, None, work.info.dbname, parameters
        )
        self._backend = _Backend(uri, default_migration_table, on_notice)
        self._on_notice = on_notice

    def __enter__(self) -> Migrator:
        """Return the migrator."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Close yoyo's connection."""
        self._backend.connection.close()

    def apply(self) -> tuple[str, ...]:
        """Apply what is pending; return the names in order."""
        with self._locked():
            pending = self._backend.to_apply(_packaged())
            names = tuple(migration.id for migration in pending)
            self._backend.apply_migrations(pending)
            # yoyo passes over a migration that it cannot load.
            left = [migration.id for migration in self._backend.to_apply(_packaged())]
            if left:
                raise MyTraderEtlError(f"not applied: {', '.join(left)}")
        return names

    def rollback(self, names: set[str]) -> tuple[str, ...]:
        """Roll back those of the named migrations that are applied, the newest first.

        Where the step that installs the routines is marked by a former name only, that counts.
        """
        with self._locked():
            self._backend.ensure_internal_schema_updated()
            sources.rename_former_step(self._work)
            chosen = self._backend.to_rollback(_packaged()).filter(lambda m: m.id in names)
            self._backend.rollback_migrations(chosen)
            left = {m.id for m in self._backend.to_rollback(_packaged())} & names
            if left:
                raise MyTraderEtlError(f"not rolled back: {', '.join(sorted(left))}")
        return tuple(migration.id for migration in chosen)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._backend.init_database()
        self._remove_stale_lock()
        try:
            with self._backend.lock(timeout=YOYO_TIMEOUT):
                yield
        except LockTimeout as error:
            raise OperationRunningError(
                "another yoyo migrates this database",
                detail=str(error),
                hint="Wait for it and repeat the command; or, if it is dead, run yoyo break-lock.",
            ) from error

    def _remove_stale_lock(self) -> None:
        deadline = time.monotonic() + LOCK_WAIT
        own = self._backend.connection.info.backend_pid
        table = self._backend.lock_table_quoted
        while self._work.execute(f"SELECT pid FROM {table}").fetchone() is not None:
            alive = self._work.execute(f"{OTHER_SESSIONS} AND a.pid <> %s", (own,)).rowcount > 0
            if not alive or time.monotonic() > deadline:
                self._backend.break_lock()
                self._on_notice("removed the lock of a yoyo that had been killed")
                return
            time.sleep(0.2)


class _Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]
    """yoyo's backend, which also hands on what the server has to say."""

    def __init__(self, uri: DatabaseURI, table: str, on_notice: Callable[[str], None]) -> None:
        self._on_notice = on_notice
        super().__init__(uri, table)

    def copy(self) -> _Backend:
        """Return a second backend with a connection of its own; yoyo makes one per migration."""
        return _Backend(self.uri, self.migration_table, self._on_notice)

    def connect(self, dburi: DatabaseURI) -> Connection:
        """Return a new connection whose notices are handed on."""
        connection: Connection = super().connect(dburi)
        connection.add_notice_handler(lambda diagnostic: hand_on(diagnostic, self._on_notice))
        return connection


def hand_on(diagnostic: psycopg.errors.Diagnostic, on_notice: Callable[[str], None]) -> None:
    """Hand on what our SQL warns of, with its hint (not yoyo's ROLLBACK outside a transaction)."""
    if diagnostic.severity_nonlocalized == "WARNING" and diagnostic.sqlstate == "01000":
        hint = f" ({diagnostic.message_hint})" if diagnostic.message_hint else ""
        on_notice(f"{diagnostic.message_primary}{hint}")


def conninfo_of(connection: Connection) -> str:
    """Return the conninfo of an open connection, its password included."""
    password = connection.info.password
    return psycopg.conninfo.make_conninfo(
        connection.info.dsn, **({"password": password} if password else {})
    )


def _packaged() -> MigrationList:
    """Return yoyo's list of the packaged migrations; SourceError when it misses any."""
    folder = sources.data_dir("migrations")
    found = read_migrations(glob.escape(str(folder)))
    expected = [migration.id for migration in sources.migrations()]
    if sorted(migration.id for migration in found) != sorted(expected):
        raise sources.SourceError(f"yoyo does not see the migrations in {folder}")
    return found
