"""Databases that were installed by earlier commits of this repository are upgraded in place."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sql_support import (
    add_blank_bars,
    call,
    changed_by,
    classes,
    correct,
    expected_classes,
    history,
    in_background,
    one,
    rollback,
    rows,
    wait_until,
)

from mytrader_etl import deployment
from mytrader_etl.deployment import sources

ROOT = Path(__file__).resolve().parents[2]
MARKET = ROOT / "tests" / "market.sql"
HISTORY = "SELECT to_jsonb(h) FROM etl_execution_history h ORDER BY started_at, execution_id"


@dataclass(frozen=True)
class Commit:
    """An earlier commit, and what it called the step that installs the routines."""

    revision: str
    step: str
    knows_symbols: bool


def marked(db: psycopg.Connection[Any]) -> set[str]:
    return {name for (name,) in rows(db, "SELECT migration_id FROM _yoyo_migration")}


NAMES = {migration.id for migration in sources.migrations()}
COMMITS = [
    Commit("7af48879e55e0370d4ee8e67d8e9976c91d89cd9", "0004_procedures_0_1_0", False),
    Commit("3d08d2d53dff954e95b414cbfc714f22c716996d", "0011_procedures_0_1_0", True),
]


def archived(commit: Commit) -> bytes:
    """Return the library of a commit as a tar file; skip the test where there is no history."""
    options = ("-c", "safe.directory=*", "archive", commit.revision)
    command = ("git", *options, "driver", "procedures", "migrations")
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    except FileNotFoundError:
        problem = "there is no git"
    except subprocess.CalledProcessError as error:
        problem = error.stderr.decode().strip()
    else:
        return done.stdout
    problem = f"needs the history of the repository: {problem}"
    if os.environ.get("CI") and (ROOT / ".git").exists():
        pytest.fail(problem)
    pytest.skip(problem)


class EarlierLibrary:
    """The library as it was at a commit, taken from the history of this repository."""

    def __init__(self, commit: Commit, folder: Path) -> None:
        self.folder = folder
        with tarfile.open(fileobj=io.BytesIO(archived(commit))) as archive:
            archive.extractall(folder, filter="data")
        (folder / "mytrader_etl").symlink_to("driver")

    def up(self, dsn: str) -> None:
        """Deploy with the code of that commit."""
        code = "import sys; from mytrader_etl import deploy; deploy.up(sys.argv[1])"
        environment = {**os.environ, "PYTHONPATH": str(self.folder)}
        done = subprocess.run(
            (sys.executable, "-c", code, dsn),
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def correct_until_killed(session: psycopg.Connection[Any], identity: Any) -> None:
    with suppress(psycopg.OperationalError):
        options = {"batch_size": 100, "adaptive": False, "pause_between_batches": "20 ms"}
        correct(session, correction_id=identity, **options)


@pytest.mark.parametrize("commit", COMMITS, ids=lambda commit: commit.step)
def test_an_old_database_is_upgraded_with_all_it_holds(commit, empty_db, empty_dsn, tmp_path):
    db, dsn = empty_db, empty_dsn
    library = EarlierLibrary(commit, tmp_path)
    db.execute(MARKET.read_text())
    library.up(dsn)
    first = classes(db)
    finished, interrupted, synced = uuid4(), uuid4(), uuid4()
    correct(db, correction_id=finished)
    if commit.knows_symbols:
        assert call(db, "sync_symbols", sync_id=synced).status == "completed"
    add_blank_bars(db, 6000)
    right = expected_classes(db)
    with (
        psycopg.connect(dsn, autocommit=True) as session,
        in_background(correct_until_killed, session, interrupted),
    ):
        wait_until(lambda: getattr(history(db, interrupted), "records_changed", 0) > 0)
        db.execute("SELECT pg_terminate_backend(%s)", (session.info.backend_pid,))
    before = [record for (record,) in rows(db, HISTORY)]
    assert [record["status"] for record in before].count("completed") == len(before) - 1
    assert commit.step in marked(db)

    assert {finding.state for finding in deployment.verify(dsn)} <= {"missing", "outdated"}
    assert {state.state for state in deployment.status(dsn)} == {"applied", "pending"}
    deployment.up(dsn)

    assert deployment.verify(dsn) == []
    assert {state.state for state in deployment.status(dsn)} == {"applied"}
    assert marked(db) == NAMES
    after = [record for (record,) in rows(db, HISTORY)]
    assert [
        {key: new[key] for key in old} for old, new in zip(before, after, strict=True)
    ] == before

    result = call(db, "resume_correction", correction_id=interrupted)
    assert result.status == "completed"
    assert classes(db) == right
    corrected = classes(db)
    assert rollback(db, finished).status == "completed"
    restored = changed_by(corrected, classes(db))
    assert restored
    assert {key: classes(db)[key] for key in first} == first
    if commit.knows_symbols:
        added = one(db, "SELECT count(*) FROM symbols")
        assert call(db, "rollback_operation", execution_id=synced).status == "completed"
        assert one(db, "SELECT count(*) FROM symbols") < added


@pytest.fixture
def old_dsn(empty_db, empty_dsn, tmp_path):
    """A database with every former name of the step that installs the routines."""
    for commit in COMMITS:
        EarlierLibrary(commit, tmp_path / commit.step).up(empty_dsn)
    assert {commit.step for commit in COMMITS} < marked(empty_db)
    return empty_dsn


def by_driver(dsn, tools, install_sql):
    assert sources.PROCEDURE_STEP in deployment.up(dsn).applied


def by_yoyo(dsn, tools, install_sql):
    done = tools.run(*tools.yoyo(dsn, "apply"))
    assert done.returncode == 0, done.stderr


def by_psql(dsn, tools, install_sql):
    done = tools.psql(dsn, install_sql)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("upgrade", [by_driver, by_yoyo, by_psql])
def test_former_names_are_forgotten(empty_db, old_dsn, tools, install_sql, upgrade):
    upgrade(old_dsn, tools, install_sql)

    assert marked(empty_db) == NAMES
    recorded = rows(empty_db, "SELECT migration_name FROM etl.installed_migration")
    assert {name for (name,) in recorded} == {m.file_name for m in sources.state_migrations()}
    assert deployment.verify(old_dsn) == []
    assert not deployment.up(old_dsn).changed


def test_an_old_database_is_rolled_back_as_it_is(empty_db, old_dsn):
    plan = deployment.plan_down(old_dsn)
    assert plan[0] == sources.PROCEDURE_STEP
    assert set(plan) <= NAMES

    assert deployment.down(old_dsn).rolled_back == plan

    assert marked(empty_db) == set()
    assert one(empty_db, "SELECT to_regnamespace('etl')") is None


def test_a_name_that_only_looks_alike_is_foreign(db, dsn):
    db.execute("INSERT INTO _yoyo_migration VALUES ('h', '0099_procedures_theirs', now())")

    assert [finding.state for finding in deployment.verify(dsn)] == ["foreign"]
