"""Deployment: bring a database to this library's version, back again, and tell how it stands.

A ``dsn`` is a libpq conninfo (``host=... dbname=...``), a ``postgresql://`` URL or one as yoyo
writes it (``postgresql+psycopg://``). Errors of the server and of the connection reach the caller
as psycopg raises them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Literal

import psycopg

from mytrader_etl.deployment import sources
from mytrader_etl.deployment.migrator import Connection, Migrator, exclusive, hand_on
from mytrader_etl.deployment.script import install_script
from mytrader_etl.deployment.sources import Finding
from mytrader_etl.errors import InvalidOptionError, SchemaMismatchError

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


@dataclass(frozen=True)
class MigrationState:
    """How one migration stands."""

    name: str
    state: Literal["applied", "pending", "edited", "foreign"]
    """``edited``: applied, and its file has changed since. ``foreign``: applied, not ours."""
    applied_at: datetime | None
    """When it was applied, with time zone UTC; None when pending."""


@dataclass(frozen=True)
class DeployReport:
    """What up() or down() has done."""

    library_version: str
    previous_version: str | None
    """Version that was installed before; None when none was."""
    applied: tuple[str, ...]
    """Migrations applied, in order."""
    rolled_back: tuple[str, ...]
    """Migrations rolled back, in order."""
    repaired: tuple[Finding, ...]
    """Routines that differed from this library's and were therefore installed again."""
    tables_created: tuple[str, ...]
    """Tables of the platform that were missing and were asked for."""
    notes: tuple[str, ...]
    """What a human should know: warnings of the server, such as roles that were not created."""
    duration: timedelta

    @property
    def changed(self) -> bool:
        """Whether anything was done."""
        upgraded = self.previous_version not in (None, self.library_version)
        done = (self.applied, self.rolled_back, self.repaired, self.tables_created)
        return any(done) or upgraded


def up(dsn: str, *, with_tables: bool = False) -> DeployReport:
    """Apply every pending migration and make the installed routines those of this library.

    Routines are compared by their hashes even when no migration is pending; where any differs, or
    the version does, or a group role lacks its rights, all are installed again in one
    transaction. Any number of installers may run at once; they wait for each other. A lock row
    that a killed yoyo left behind is removed. Repeating it changes nothing. ``with_tables`` also
    creates the platform's tables that are missing, in schema public.

    Raises SchemaMismatchError when a newer version is installed, SourceError when the packaged
    SQL is incomplete; nothing is changed then.
    """
    started = time.monotonic()
    notes: list[str] = []
    sources.routines()
    sources.migrations()
    with exclusive(_libpq(dsn)), _connect(dsn) as work:
        work.add_notice_handler(lambda diagnostic: hand_on(diagnostic, notes.append))
        previous = sources.installed_version(work)
        _refuse_older(previous)
        with Migrator(work, notes.append) as migrator:
            applied = migrator.apply()
        repaired = tuple(sources.routines_to_repair(work))
        if repaired or sources.is_record_stale(work) or _roles_without_rights(work):
            sources.install(work)
        else:
            sources.record_paths(work)
        created = _create_tables(work) if with_tables else ()
        notes += _role_notes(work)
    return DeployReport(
        library_version=sources.LIBRARY_VERSION,
        previous_version=previous,
        applied=applied,
        rolled_back=(),
        repaired=repaired,
        tables_created=created,
        notes=tuple(dict.fromkeys(notes)),
        duration=timedelta(seconds=time.monotonic() - started),
    )


def down(dsn: str, revision: str | None = None) -> DeployReport:
    """Roll back every migration after ``revision``, or all of them.

    ``revision`` is the name of the migration that is to be the last one applied, or the beginning
    of it (``0003``). History, audit log and settings in the tables of a rolled back migration are
    lost; tables of the user, backups among them, stay.

    Raises InvalidOptionError for an unknown revision, SchemaMismatchError when a newer version is
    installed.
    """
    started = time.monotonic()
    notes: list[str] = []
    names = _after(revision)
    with exclusive(_libpq(dsn)), _connect(dsn) as work:
        previous = sources.installed_version(work)
        _refuse_older(previous)
        with Migrator(work, notes.append) as migrator:
            rolled_back = migrator.rollback(set(names))
    return DeployReport(
        library_version=sources.LIBRARY_VERSION,
        previous_version=previous,
        applied=(),
        rolled_back=rolled_back,
        repaired=(),
        tables_created=(),
        notes=tuple(dict.fromkeys(notes)),
        duration=timedelta(seconds=time.monotonic() - started),
    )


def plan_down(dsn: str, revision: str | None = None) -> tuple[str, ...]:
    """Return the migrations that down() would roll back, the newest first; changes nothing."""
    names = _after(revision)
    with _connect(dsn) as work:
        applied = set(sources.applied_migrations(work))
        if sources.former_steps(work):
            applied.add(sources.PROCEDURE_STEP)
    return tuple(name for name in reversed(names) if name in applied)


def status(dsn: str) -> list[MigrationState]:
    """Return how each migration stands: the packaged ones in order, then foreign ones.

    Changes nothing, and works on a database without our schema.
    """
    with _connect(dsn) as work:
        applied = sources.applied_migrations(work)
        recorded = sources.recorded_migrations(work)
    states = []
    for migration in sources.migrations():
        when = applied.pop(migration.id, None)
        state: Literal["applied", "pending", "edited"] = "applied"
        if when is None:
            state = "pending"
        elif recorded.get(migration.file_name, migration.sha256) != migration.sha256:
            state = "edited"
        states.append(MigrationState(migration.id, state, when))
    states += [MigrationState(name, "foreign", when) for name, when in sorted(applied.items())]
    return states


def verify(dsn: str) -> list[Finding]:
    """Return everything that is not as this library installs it; an empty list means all is well.

    Changes nothing, and works on a database without our schema: all is missing there.
    """
    with _connect(dsn) as work:
        applied = sources.applied_migrations(work)
        recorded = sources.recorded_migrations(work)
        findings = []
        for migration in sources.migrations():
            known = recorded.get(migration.file_name)
            if applied.pop(migration.id, None) is None:
                findings.append(_migration(migration.file_name, "missing", "not applied"))
            elif known is not None and known != migration.sha256:
                detail = f"sha256 {known} when applied, {migration.sha256} now"
                findings.append(_migration(migration.file_name, "edited", detail))
        findings += [
            _migration(name, "foreign", "applied, but not part of this library")
            for name in sorted(applied)
        ]
        return findings + sources.routine_findings(work)


# ---------------------------------------------------------------------- what the database says


def _role_notes(work: Connection) -> list[str]:
    """Say what a DBA has to do about the group roles, where this role could not."""
    rows = work.execute(
        "SELECT name FROM unnest(%s::text[]) AS name WHERE to_regrole(name) IS NULL",
        (list(sources.ROLES),),
    )
    missing = [name for (name,) in rows]
    notes = []
    if missing:
        commands = " ".join(f"CREATE ROLE {name} NOLOGIN;" for name in missing)
        notes.append(f"group roles are missing; let a DBA run: {commands} and deploy again")
    for role, member in pairwise(sources.ROLES):
        if role in missing or member in missing:
            continue
        row = work.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", (member, role)).fetchone()
        if row != (True,):
            notes.append(f"{member} lacks the rights of {role}; run: GRANT {role} TO {member};")
    return notes


def _roles_without_rights(work: Connection) -> bool:
    """Tell whether a group role exists that may not use the schema: made after the deployment."""
    row = work.execute(
        "SELECT bool_or(NOT has_schema_privilege(rolname, 'etl', 'USAGE'))"
        "  FROM pg_catalog.pg_roles WHERE rolname = ANY (%s)",
        (list(sources.ROLES),),
    ).fetchone()
    return row is not None and bool(row[0])


def _create_tables(work: Connection) -> tuple[str, ...]:
    row = work.execute("CALL etl.create_platform_tables()").fetchone()
    return () if row is None else tuple(row[0])


# ---------------------------------------------------------------------- small helpers


def _refuse_older(installed: str | None) -> None:
    ours = sources.LIBRARY_VERSION
    if installed is None or sources.version_key(installed) <= sources.version_key(ours):
        return
    raise SchemaMismatchError(
        f"version {installed} is installed, which is newer than this library",
        detail=f"This library has version {ours}.",
        hint=f"Upgrade the library: pip install 'mytrader-etl>={installed}'.",
    )


def _after(revision: str | None) -> list[str]:
    """Return the names of the migrations after a revision, in order."""
    names = [migration.id for migration in sources.migrations()]
    if revision is None:
        return names
    matching = [name for name in names if name.startswith(revision)]
    if revision in names:
        matching = [revision]
    if len(matching) != 1:
        raise InvalidOptionError(
            f"{revision!r} names no single migration",
            detail=f"There are: {', '.join(names)}.",
            hint="Give the migration that is to be the last one applied, or none for all.",
        )
    return names[names.index(matching[0]) + 1 :]


def _migration(name: str, state: str, detail: str) -> Finding:
    return Finding("migration", name, state, detail)


def _libpq(dsn: str) -> str:
    """Return a dsn as libpq understands it; yoyo's URLs name the driver in the scheme."""
    scheme, separator, rest = dsn.partition("://")
    return f"{scheme.split('+')[0]}{separator}{rest}" if separator else dsn


def _connect(dsn: str) -> psycopg.Connection[Any]:
    return psycopg.connect(_libpq(dsn), autocommit=True, application_name="mytrader-etl migrate")
