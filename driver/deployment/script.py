"""One script for ``psql -f`` that does what ``migrate up`` does, in one transaction.

It marks the migrations as applied just as yoyo does, so ``migrate status``, ``migrate up`` and
plain ``yoyo`` go on from there. It can be run again at any time.
"""

from __future__ import annotations

from collections.abc import Iterator

from mytrader_etl.deployment import sources
from mytrader_etl.deployment.migrator import LOCK_KEY, LOCK_WAIT, OTHER_SESSIONS

YOYO_SCHEMA_VERSION = 2

_HEAD = f"""\
-- mytrader-etl {sources.LIBRARY_VERSION}: the whole installation as one script.
--     psql -X -f install.sql "dbname=..."
-- One transaction: all of it or nothing. It may be run again, and beside other installers.
\\set ON_ERROR_STOP on
\\encoding UTF8
BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT pg_advisory_xact_lock({LOCK_KEY}) \\gset mytrader_
SELECT current_schema() AS mytrader_schema \\gset
"""

# Exactly the tables that yoyo makes for itself (its schema version 2). Its lock table comes first,
# since a plain yoyo, which knows nothing of the advisory lock, may create it at the same moment;
# then its lock keeps it out, after a wait for one that is at work. A dead one's lock is removed.
_YOYO_TABLES = f"""
SET LOCAL client_min_messages = warning;
DO $yoyo_lock$
DECLARE
    v_deadline timestamptz := clock_timestamp() + interval '{LOCK_WAIT} s';
BEGIN
    LOOP
        BEGIN
            CREATE TABLE IF NOT EXISTS yoyo_lock (
                locked integer DEFAULT 1, ctime timestamp, pid integer NOT NULL,
                PRIMARY KEY (locked));
            EXIT;
        EXCEPTION WHEN unique_violation OR duplicate_table THEN
            NULL;
        END;
    END LOOP;
    LOOP
        INSERT INTO yoyo_lock (locked, ctime, pid)
        VALUES (1, clock_timestamp() AT TIME ZONE 'UTC', pg_backend_pid())
        ON CONFLICT DO NOTHING;
        EXIT WHEN FOUND;
        PERFORM pg_stat_clear_snapshot();
        IF clock_timestamp() > v_deadline OR NOT EXISTS ({OTHER_SESSIONS}) THEN
            DELETE FROM yoyo_lock;
        ELSE
            PERFORM pg_sleep(0.2);
        END IF;
    END LOOP;
END
$yoyo_lock$;
CREATE TABLE IF NOT EXISTS _yoyo_log (
    id varchar(36), migration_hash varchar(64), migration_id varchar(255), operation varchar(10),
    username varchar(255), hostname varchar(255), comment varchar(255), created_at_utc timestamp,
    PRIMARY KEY (id));
CREATE TABLE IF NOT EXISTS _yoyo_version (
    version integer NOT NULL PRIMARY KEY, installed_at_utc timestamp);
CREATE TABLE IF NOT EXISTS _yoyo_migration (
    migration_hash varchar(64), migration_id varchar(255), applied_at_utc timestamp,
    PRIMARY KEY (migration_hash));
INSERT INTO _yoyo_version (version, installed_at_utc)
SELECT {YOYO_SCHEMA_VERSION}, clock_timestamp() AT TIME ZONE 'UTC'
 WHERE NOT EXISTS (SELECT FROM _yoyo_version);
RESET client_min_messages;
"""

_REFUSE_OLDER = f"""
DO $refuse_older$
DECLARE
    v_installed text;
BEGIN
    IF to_regclass('etl.installation') IS NOT NULL THEN
        EXECUTE 'SELECT library_version FROM etl.installation ORDER BY installed_at DESC LIMIT 1'
           INTO v_installed;
    END IF;
    IF string_to_array(substring(v_installed FROM '^[0-9.]*[0-9]'), '.')::int[]
       > string_to_array(substring('{sources.LIBRARY_VERSION}' FROM '^[0-9.]*[0-9]'), '.')::int[]
    THEN
        RAISE EXCEPTION 'version % is installed, which is newer than this script', v_installed
            USING ERRCODE = 'ME010',
                  DETAIL = 'This script installs version {sources.LIBRARY_VERSION}.',
                  HINT = 'Install with the newer version of mytrader-etl.';
    END IF;
END
$refuse_older$;
"""

_TAIL = """
DELETE FROM :"mytrader_schema".yoyo_lock;
COMMIT;
\\echo mytrader-etl {version} is installed.
"""


def install_script() -> str:
    """Return the script.

    Raises SourceError when the packaged SQL is incomplete, or holds a migration that cannot run
    inside a transaction.
    """
    return "".join(_parts())


def _parts() -> Iterator[str]:
    yield _HEAD
    yield _REFUSE_OLDER
    yield _YOYO_TABLES
    for migration in sources.migrations():
        if not migration.is_procedure_step and (
            migration.file_name.endswith(".py") or "transactional: false" in migration.text
        ):
            raise sources.SourceError(f"{migration.file_name} cannot be part of one transaction")
        yield f"\n-- ---------------------------------------- migration {migration.id}\n"
        yield (
            'SELECT NOT EXISTS (SELECT FROM :"mytrader_schema"._yoyo_migration\n'
            f" WHERE migration_hash = '{migration.yoyo_hash}') AS mytrader_pending \\gset\n"
            "\\if :mytrader_pending\n"
        )
        if not migration.is_procedure_step:
            yield migration.text.rstrip() + "\n"
        yield _mark(migration)
        yield "\\endif\n"
    # Not only when the step is pending: running the script again repairs the routines.
    yield from _routines()
    yield _TAIL.format(version=sources.LIBRARY_VERSION)


def _routines() -> Iterator[str]:
    for statement, parameters in sources.installation_statements():
        if parameters:
            yield statement % tuple(map(_literal, parameters)) + " \\gset mytrader_\n"
        else:
            yield f"\n{statement.rstrip()}\n"


def _mark(migration: sources.MigrationSource) -> str:
    """Return what yoyo writes when it has applied a migration."""
    key, name = _literal(migration.yoyo_hash), _literal(migration.id)
    return (
        'INSERT INTO :"mytrader_schema"._yoyo_log'
        " (id, migration_hash, migration_id, operation, username, hostname, created_at_utc)\n"
        f"VALUES (gen_random_uuid()::text, {key}, {name}, 'apply', session_user,\n"
        "        coalesce(host(inet_client_addr()), 'localhost'),"
        " clock_timestamp() AT TIME ZONE 'UTC');\n"
        'INSERT INTO :"mytrader_schema"._yoyo_migration'
        " (migration_hash, migration_id, applied_at_utc)\n"
        f"VALUES ({key}, {name}, clock_timestamp() AT TIME ZONE 'UTC');\n"
    )


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
