"""The SQL that this library carries: where it lies, its order, its hashes, how it is installed.

Only the standard library is used, and nothing else of this package is imported, because the
migration step that installs the routines loads this file by its path: plain ``yoyo apply`` works
from a checkout in which the package is not installed.
"""

from __future__ import annotations

import graphlib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIBRARY_VERSION = "0.1.0"

ROLES = ("etl_reader", "etl_operator", "etl_admin")

_MANIFEST = "manifest.txt"
_CALL = re.compile(r"\betl\.([a-z_0-9]+)\s*\(")
_ROLLBACK_SUFFIX = ".rollback.sql"
_PROCEDURE_STEP = re.compile(r"^\d+_procedures_.*\.py$")


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
        return hashlib.sha256(self.id.encode()).hexdigest()

    @property
    def is_procedure_step(self) -> bool:
        """Whether this is a release's step that installs procedures/."""
        return _PROCEDURE_STEP.match(self.file_name) is not None


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
    """Return every migration in the order of its name; SourceError when there is none."""
    folder = data_dir("migrations")
    found = [
        MigrationSource(file, _read(file))
        for file in sorted(folder.iterdir())
        if file.suffix in {".sql", ".py"} and not file.name.endswith(_ROLLBACK_SUFFIX)
    ]
    if not found:
        raise SourceError(f"there is no migration in {folder}")
    return found


def rollback_text(migration: MigrationSource) -> str:
    """Return the text of a migration's rollback file; SourceError when there is none."""
    path = migration.path.with_name(migration.id + _ROLLBACK_SUFFIX)
    if not path.is_file():
        raise SourceError(f"{migration.file_name} has no rollback file")
    return _read(path)


def is_latest_procedure_step(file_name: str) -> bool:
    """Tell whether a procedure step is the newest one.

    The steps of earlier releases install nothing: the routines packaged with this library may
    need tables that a later migration makes.
    """
    steps = [migration.file_name for migration in migrations() if migration.is_procedure_step]
    return bool(steps) and steps[-1] == Path(file_name).name


def installation_statements() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the statements that install all routines, each with its parameters, in order.

    One transaction is to hold them all. They may be run on any state from "nothing installed" to
    "this version installed", and end in the same state. A statement without parameters is the
    text of a file, in which ``%`` is literal: run it without parameters.
    """
    installed = routines()
    yield _drop_changed(installed), ()
    for routine in installed:
        yield routine.text, ()
    # Only now: the routines that register are themselves among those installed.
    for routine in installed:
        yield (
            "SELECT etl._register_routine(%s::text, %s::text, %s::text, %s::text, %s::text)",
            (routine.path, routine.name, routine.sha256, routine.role, LIBRARY_VERSION),
        )
    for migration in migrations():
        yield (
            "SELECT etl._register_migration(%s::text, %s::text)",
            (migration.file_name, migration.sha256),
        )
    yield "SELECT etl._finish_installation(%s::text)", (LIBRARY_VERSION,)
    yield SET_UP, ()


def _drop_changed(packaged: list[RoutineSource]) -> str:
    """Return the statement that drops those installed routines whose files have changed.

    CREATE OR REPLACE cannot change what a routine returns, and makes a second one where its
    parameters change. Functions of triggers stay, for their tables need them, and so does what
    objects of the user's depend on. A session at work in one of them ends with an error, its batch
    undone; the operation can be resumed.
    """
    same = ",\n               ".join(f"('{file.path}', '{file.sha256}')" for file in packaged)
    return f"""
DO $drop_changed$
DECLARE
    v_search_path text := current_setting('search_path');
    r_routine     record;
BEGIN
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    FOR r_routine IN
        SELECT p.oid::regprocedure AS signature
          FROM etl.installed_routine i
          JOIN pg_proc p
            ON p.pronamespace = 'etl'::regnamespace
           AND p.proname = i.routine_name
           AND pg_get_function_identity_arguments(p.oid) = i.identity_arguments
         WHERE (i.source_path, i.source_sha256) NOT IN (VALUES
               {same})
           AND p.prorettype <> 'trigger'::regtype
           AND NOT EXISTS (SELECT FROM pg_depend d
                            WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid)
    LOOP
        EXECUTE 'DROP ROUTINE ' || r_routine.signature;
    END LOOP;
    PERFORM set_config('search_path', v_search_path, true);
END
$drop_changed$;
"""  # noqa: S608 - names and hashes of our own files


SET_UP = """
DO $set_up$
BEGIN
    PERFORM etl._install_classification();
    PERFORM etl._find_default_target();
END
$set_up$;
"""
"""What rooms have to set up once their routines are installed; it may be repeated."""

DROP_ROUTINES = """
DO $drop_routines$
DECLARE
    v_search_path text := current_setting('search_path');
    v_oids        oid[];
    v_routines    text;
    r_trigger     record;
BEGIN
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    SELECT array_agg(p.oid), string_agg(p.oid::regprocedure::text, ', ')
      INTO v_oids, v_routines
      FROM pg_proc p
      JOIN etl.installed_routine i
        ON i.routine_name = p.proname
       AND i.identity_arguments = pg_get_function_identity_arguments(p.oid)
     WHERE p.pronamespace = 'etl'::regnamespace;
    FOR r_trigger IN
        SELECT t.tgname, t.tgrelid::regclass AS relation
          FROM pg_trigger t
         WHERE t.tgfoid = ANY (v_oids)
           AND t.tgparentid = 0
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', r_trigger.tgname, r_trigger.relation);
    END LOOP;
    IF v_routines IS NOT NULL THEN
        EXECUTE 'DROP ROUTINE ' || v_routines;
    END IF;
    DELETE FROM etl.installed_routine;
    DELETE FROM etl.installed_migration;
    PERFORM set_config('search_path', v_search_path, true);
END
$drop_routines$
"""


def install(connection: Any) -> None:
    """Install all routines on an open DB-API connection, inside the caller's transaction."""
    cursor = connection.cursor()
    try:
        for statement, parameters in installation_statements():
            if parameters:
                cursor.execute(statement, parameters)
            else:
                cursor.execute(statement)
    finally:
        cursor.close()


def uninstall(connection: Any) -> None:
    """Drop the routines that install() registered, and no other, in the caller's transaction.

    The recorded hashes are forgotten with them; tables stay.
    """
    cursor = connection.cursor()
    try:
        cursor.execute(DROP_ROUTINES)
    finally:
        cursor.close()


def _read(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read().replace("\r\n", "\n")
