"""The SQL that this library carries: where it lies, its order, its hashes, how it is installed.

Only the standard library is used, and nothing else of this package is imported, because the
migration step that installs the routines loads this file by its path: plain ``yoyo apply`` works
from a checkout in which the package is not installed.
"""

from __future__ import annotations

import graphlib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

LIBRARY_VERSION = "0.1.0"

ROLES = ("etl_reader", "etl_operator", "etl_admin")
"""The group roles; each has the rights of the one before it."""

_MANIFEST = "manifest.txt"
_CALL = re.compile(r"\betl\.([a-z_0-9]+)\s*\(")
_ROLLBACK_SUFFIX = ".rollback.sql"
_HOOK_PREFIX = "post-apply"

PROCEDURE_STEP = "9999_procedures"
"""Name of the migration that installs procedures/: the last one, the same in every release."""

FORMER_STEPS = "^[0-9]{4}_procedures(_[0-9]+)+$"
"""Pattern of the names that it had before: each new migration gave it another number."""


class SourceError(RuntimeError):
    """The packaged SQL is missing or contradicts itself; nothing was sent to a database."""


@dataclass(frozen=True)
class RoutineSource:
    """One file of procedures/, in the room that the manifest names."""

    path: str
    """Path below procedures/, with forward slashes: ``quality/analyze_asset_classes.sql``."""
    role: str
    """Who may execute it: etl_reader, etl_operator, etl_admin, or internal (nobody)."""
    text: str

    @property
    def name(self) -> str:
        """Name of the routine in schema etl, by which it is recognised wherever its file lies."""
        return Path(self.path).stem

    @property
    def room(self) -> str:
        """Folder below procedures/ that it lies in."""
        return Path(self.path).parent.as_posix()

    @property
    def calls_at_creation(self) -> set[str]:
        """Names of the routines that must exist before it: PostgreSQL checks bodies in SQL."""
        code = re.sub(r"--.*", "", self.text.split("\nCOMMENT ON ", 1)[0])
        head = code.partition("\nAS ")[0]
        return set(_CALL.findall(code if "LANGUAGE sql" in head else head)) - {self.name}

    @property
    def sha256(self) -> str:
        """Hash of the file's content, line ends normalised, as lower-case hex."""
        return sha256(self.text)


@dataclass(frozen=True)
class MigrationSource:
    """One migration; its rollback file, where there is one, is not a migration of its own."""

    path: Path
    text: str

    @property
    def file_name(self) -> str:
        """Name of the file, as recorded in etl.installed_migration."""
        return self.path.name

    @property
    def id(self) -> str:
        """Name without extension: what yoyo calls the migration."""
        return self.path.stem

    @property
    def sha256(self) -> str:
        """Hash of the file's content, line ends normalised, as lower-case hex."""
        return sha256(self.text)

    @property
    def yoyo_hash(self) -> str:
        """Key under which yoyo marks the migration as applied: a hash of its name."""
        return yoyo_hash(self.id)

    @property
    def is_procedure_step(self) -> bool:
        """Whether this is the one that installs procedures/; all others are state."""
        return self.id == PROCEDURE_STEP


@dataclass(frozen=True)
class Finding:
    """Something that is not as this library installs it."""

    kind: Literal["migration", "routine"]
    name: str
    """File name of the migration, or name of the routine, with its schema."""
    state: str
    """edited, missing, foreign, or outdated (installed by a version with another source)."""
    detail: str


def yoyo_hash(migration_id: str) -> str:
    """Return the key under which yoyo marks a migration as applied: a hash of its name."""
    return hashlib.sha256(migration_id.encode()).hexdigest()


def sha256(text: str) -> str:
    """Return the hash of a text as lower-case hex; CRLF counts as LF."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()


def version_key(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version, for comparing two of them.

    Trailing zeros do not count: 0.1 and 0.1.0 are the same. Raises SourceError when the text
    does not begin with a number.
    """
    match = re.match(r"\d+(\.\d+)*", version)
    if match is None:
        raise SourceError(f"{version!r} is not a version")
    numbers = [int(part) for part in match.group().split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def data_dir(name: str) -> Path:
    """Return the folder ``procedures`` or ``migrations`` that belongs to this very file.

    In an installed package both lie in the package's folder, in a checkout (and with
    ``pip install -e``) beside it. Raises SourceError when the folder is not there.
    """
    package = Path(__file__).resolve().parents[1]
    for root in (package, package.parent):
        if (root / "procedures" / _MANIFEST).is_file() and (root / name).is_dir():
            return root / name
    raise SourceError(f"the folder {name!r} of packaged SQL is neither in {package} nor beside it")


def rooms() -> dict[str, dict[str, str]]:
    """Return the rooms in layer order, each with the routines that somebody may execute.

    A routine is given as name -> role. Raises SourceError when the manifest names a room or a
    routine that is missing, one twice, or an unknown role, or misses a room.
    """
    folder = data_dir("procedures")
    found: dict[str, dict[str, str]] = {}
    room = ""
    for number, line in enumerate(_read(folder / _MANIFEST).splitlines(), start=1):
        words = line.split("#", 1)[0].split()
        place = f"{_MANIFEST}, line {number}"
        if not words:
            continue
        if not line.startswith(" "):
            room = words[0]
            if len(words) > 1 or room in found or not (folder / room).is_dir():
                raise SourceError(f"{place}: expected a folder of procedures/, each once")
            found[room] = {}
        elif not room or len(words) != 2 or words[1] not in ROLES or words[0] in found[room]:
            raise SourceError(f"{place}: expected '    routine  role' below a room, each once")
        elif not (folder / room / f"{words[0]}.sql").is_file():
            raise SourceError(f"{place}: {room}/{words[0]}.sql does not exist")
        else:
            found[room][words[0]] = words[1]
    on_disk = {file.parent.relative_to(folder).as_posix() for file in folder.rglob("*.sql")}
    if not found or on_disk - found.keys():
        raise SourceError(f"{_MANIFEST} does not name the rooms {sorted(on_disk - found.keys())}")
    return found


def routines() -> list[RoutineSource]:
    """Return every routine in the order in which it is installed.

    That is room by room, and within a room those first that others call. Raises SourceError when
    the manifest does not fit the folders, or when two files bear the same name.
    """
    folder = data_dir("procedures")
    found: dict[str, RoutineSource] = {}
    for room, granted in rooms().items():
        there: dict[str, RoutineSource] = {}
        for file in sorted((folder / room).glob("*.sql")):
            if file.stem in found or file.stem in there:
                raise SourceError(f"two files of procedures/ bear the name {file.name}")
            role = granted.get(file.stem, "internal")
            there[file.stem] = RoutineSource(f"{room}/{file.name}", role, _read(file))
        calls = {
            name: sorted(routine.calls_at_creation & there.keys())
            for name, routine in there.items()
        }
        try:
            order = list(graphlib.TopologicalSorter(calls).static_order())
        except graphlib.CycleError as error:
            raise SourceError(f"routines of {room} call each other: {error.args[1]}") from error
        found |= {name: there[name] for name in order}
    return list(found.values())


def migrations() -> list[MigrationSource]:
    """Return every migration in the order of its name; the last one installs procedures/.

    Raises SourceError when that one is missing, or is not the last.
    """
    folder = data_dir("migrations")
    found = [
        MigrationSource(file, _read(file))
        for file in sorted(folder.iterdir())
        if file.suffix in {".sql", ".py"}
        and not file.name.endswith(_ROLLBACK_SUFFIX)
        and not file.name.startswith(_HOOK_PREFIX)
    ]
    if not found or not found[-1].is_procedure_step:
        raise SourceError(f"{PROCEDURE_STEP} is not the last migration in {folder}")
    return found


def state_migrations() -> list[MigrationSource]:
    """Return the migrations whose content is recorded: all but the one that installs procedures/.

    That one may be edited, for it keeps its name in every release.
    """
    return [migration for migration in migrations() if not migration.is_procedure_step]


def installation_statements() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the statements that install all routines, each with its parameters, in order.

    One transaction is to hold them all. They may be run on any state from "nothing installed" to
    "this version installed", and end in the same state. A statement without parameters is the
    text of a file, in which ``%`` is literal: run it without parameters.
    """
    installed = routines()
    hashes = json.dumps({routine.name: routine.sha256 for routine in installed})
    yield "SELECT set_config('mytrader_etl.packaged', %s::text, true)", (hashes,)
    yield _statement("drop_changed"), ()
    for routine in installed:
        yield routine.text, ()
    # Only now: the routines that register are themselves among those installed.
    for routine in installed:
        yield (
            "SELECT etl._register_routine(%s::text, %s::text, %s::text, %s::text, %s::text)",
            (routine.path, routine.name, routine.sha256, routine.role, LIBRARY_VERSION),
        )
    for migration in state_migrations():
        yield (
            "SELECT etl._register_migration(%s::text, %s::text)",
            (migration.file_name, migration.sha256),
        )
    yield from _forgetting_statements()
    yield "SELECT etl._finish_installation(%s::text)", (LIBRARY_VERSION,)
    yield _statement("set_up"), ()


def install(connection: Any) -> None:
    """Install all routines, in one transaction on a DB-API connection in autocommit mode."""
    _run(connection, installation_statements())


def install_after_upgrade(connection: Any) -> None:
    """Install the routines where all migrations are applied and the routines are not ours.

    While a migration is left, those of before stay: ours may need the tables that it makes. The
    step that installs them is pending until they are installed, so that yoyo finds it undone where
    this fails or is killed.
    """
    applied = applied_migrations(connection)
    if not all(migration.id in applied for migration in migrations()):
        return
    if routines_to_repair(connection) or is_record_stale(connection):
        with closing(connection.cursor()) as cursor:
            cursor.execute("DELETE FROM _yoyo_migration WHERE migration_id = %s", (PROCEDURE_STEP,))
        _run(connection, [_marking_statement(), *installation_statements()])


def uninstall(connection: Any) -> None:
    """Drop the routines that install() registered, and no other, in one transaction.

    The recorded hashes are forgotten with them; tables stay.
    """
    _run(connection, [(_statement("drop_installed"), ()), *_forgetting_statements()])


def _marking_statement() -> tuple[str, tuple[str, ...]]:
    return (
        "INSERT INTO _yoyo_migration (migration_hash, migration_id, applied_at_utc)"
        " VALUES (%s, %s, clock_timestamp() AT TIME ZONE 'UTC')",
        (yoyo_hash(PROCEDURE_STEP), PROCEDURE_STEP),
    )


def _forgetting_statements() -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "SELECT set_config('mytrader_etl.former_steps', %s::text, true)", (FORMER_STEPS,)
    yield _statement("forget_former_steps"), ()


def _run(connection: Any, statements: Iterable[tuple[str, tuple[str, ...]]]) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
        try:
            for statement, parameters in statements:
                if parameters:
                    cursor.execute(statement, parameters)
                else:
                    cursor.execute(statement)
        except BaseException:
            with suppress(Exception):  # it may be the connection that is broken
                cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")


# ---------------------------------------------------------------------- what the database says


def applied_migrations(connection: Any) -> dict[str, datetime]:
    """Return the names of the migrations that yoyo has marked, with the time.

    Former names of the step that installs the routines are not among them.
    """
    if not _exists(connection, "_yoyo_migration"):
        return {}
    query = "SELECT migration_id, applied_at_utc FROM _yoyo_migration WHERE migration_id !~ %s"
    rows = _rows(connection, query, FORMER_STEPS)
    return {name: when.replace(tzinfo=UTC) for name, when in rows}


def former_steps(connection: Any) -> list[str]:
    """Return the former names by which the step that installs the routines is marked."""
    if not _exists(connection, "_yoyo_migration"):
        return []
    query = "SELECT migration_id FROM _yoyo_migration WHERE migration_id ~ %s ORDER BY 1"
    return [name for (name,) in _rows(connection, query, FORMER_STEPS)]


def rename_former_step(connection: Any) -> None:
    """Mark the step that installs the routines by its name, where a former one marks it."""
    former = former_steps(connection)
    if former and PROCEDURE_STEP not in applied_migrations(connection):
        with closing(connection.cursor()) as cursor:
            cursor.execute(
                "UPDATE _yoyo_migration SET migration_id = %s, migration_hash = %s"
                " WHERE migration_id = %s",
                (PROCEDURE_STEP, yoyo_hash(PROCEDURE_STEP), former[-1]),
            )


def recorded_migrations(connection: Any) -> dict[str, str]:
    """Return the hash of each migration, by file name, as it was when it was first recorded."""
    if not _exists(connection, "etl.installed_migration"):
        return {}
    query = "SELECT migration_name, source_sha256 FROM etl.installed_migration"
    return dict(_rows(connection, query))


def installed_version(connection: Any) -> str | None:
    """Return the version that is installed; None when none is."""
    if not _exists(connection, "etl.installation"):
        return None
    query = "SELECT library_version FROM etl.installation ORDER BY installed_at DESC LIMIT 1"
    rows = _rows(connection, query)
    return str(rows[0][0]) if rows else None


def is_record_stale(connection: Any) -> bool:
    """Tell whether another version is recorded than ours, or not every migration is."""
    recorded = recorded_migrations(connection)
    return installed_version(connection) != LIBRARY_VERSION or any(
        migration.file_name not in recorded for migration in state_migrations()
    )


def routine_findings(connection: Any) -> list[Finding]:
    """Compare the routines: catalog with what was recorded, what was recorded with the package."""
    findings = []
    installed: dict[str, tuple[str, str]] = {}
    # Without the routine that looks into the catalog, nothing recorded is known to be there.
    if _rows(connection, "SELECT to_regprocedure('etl.verify_installation()')") != [(None,)]:
        query = (
            "SELECT object_name, state, detail FROM etl.verify_installation() WHERE state <> 'ok'"
        )
        findings += [Finding("routine", *row) for row in _rows(connection, query)]
        query = "SELECT routine_name, source_sha256, granted_role FROM etl.installed_routine"
        installed = {name: (known, role) for name, known, role in _rows(connection, query)}
    for routine in routines():
        known, role = installed.pop(routine.name, (None, None))
        if known is None:
            findings.append(_routine(routine.name, "missing", f"{routine.path} is not installed"))
        elif known != routine.sha256:
            detail = f"installed from another version of {routine.path}"
            findings.append(_routine(routine.name, "outdated", detail))
        elif role != routine.role:
            detail = f"granted to {role}; the manifest says {routine.role}"
            findings.append(_routine(routine.name, "outdated", detail))
    findings += [
        _routine(name, "outdated", "is no longer part of this library") for name in installed
    ]
    return findings


def routines_to_repair(connection: Any) -> list[Finding]:
    """Return the findings that an installation puts right: all but foreign routines."""
    return [finding for finding in routine_findings(connection) if finding.state != "foreign"]


def record_paths(connection: Any) -> None:
    """Record where the file of each routine lies now; its routine is the same wherever that is."""
    paths = json.dumps({routine.name: routine.path for routine in routines()})
    with closing(connection.cursor()) as cursor:
        cursor.execute(
            "UPDATE etl.installed_routine AS i SET source_path = p.value"
            "  FROM jsonb_each_text(%s::jsonb) AS p"
            " WHERE p.key = i.routine_name AND p.value <> i.source_path",
            (paths,),
        )


def _routine(name: str, state: str, detail: str) -> Finding:
    return Finding("routine", f"etl.{name}", state, detail)


def _exists(connection: Any, table: str) -> bool:
    return _rows(connection, "SELECT to_regclass(%s) IS NOT NULL", table) == [(True,)]


def _rows(connection: Any, query: str, *parameters: str) -> list[Any]:
    with closing(connection.cursor()) as cursor:
        cursor.execute(query, parameters)
        rows: list[Any] = cursor.fetchall()
        return rows


def _statement(name: str) -> str:
    return _read(Path(__file__).with_name(f"{name}.sql"))


def _read(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read().replace("\r\n", "\n")
