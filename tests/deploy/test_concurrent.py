"""Many installers at once end in one good install; a killed one is no obstacle."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
from sql_support import wait_until

from mytrader_etl import deployment
from mytrader_etl.deployment import sources

NAMES = tuple(migration.id for migration in sources.migrations())


def test_twenty_installers_at_once(db, dsn, empty_db, empty_dsn, tools, install_sql, monkeypatch):
    for limit in ("LOCK_WAIT", "YOYO_TIMEOUT"):  # however long the others take here
        monkeypatch.setattr(f"mytrader_etl.deployment.migrator.{limit}", 600.0)

    def by_driver():
        return deployment.up(empty_dsn).applied

    def by_psql():
        done = tools.psql(empty_dsn, install_sql)
        assert done.returncode == 0, done.stderr
        return "psql"

    def by_yoyo():
        while True:  # it gives up where others take more than ten seconds, and is called again
            done = tools.run(*tools.yoyo(empty_dsn, "apply"))
            if "LockTimeout" not in done.stderr:
                break
        assert done.returncode == 0, done.stderr
        return "yoyo"

    installers = [by_driver] * 10 + [by_psql] * 7 + [by_yoyo] * 3
    interleaved = installers[::3] + installers[1::3] + installers[2::3]
    with ThreadPoolExecutor(len(interleaved)) as pool:
        outcomes = [future.result() for future in [pool.submit(i) for i in interleaved]]

    by_drivers = [outcome for outcome in outcomes if isinstance(outcome, tuple)]
    assert sum(outcome != () for outcome in by_drivers) <= 1
    applied = empty_db.execute(
        "SELECT migration_id FROM _yoyo_log"
        " WHERE operation = 'apply' AND migration_id <> 'post-apply' ORDER BY 1"
    ).fetchall()
    assert applied == [(name,) for name in NAMES], "each migration was applied exactly once"
    assert empty_db.execute("SELECT count(*) FROM etl.installation").fetchone() == (1,)
    assert empty_db.execute("SELECT count(*) FROM yoyo_lock").fetchone() == (0,)
    assert deployment.verify(empty_dsn) == []
    assert tools.dump(empty_dsn) == tools.dump(dsn)


LOCK_AND_WAIT = """
import sys, time
from yoyo import get_backend
backend = get_backend(sys.argv[1])
with backend.lock():
    print("locked", flush=True)
    time.sleep(60)
"""


def start_and_kill_yoyo(dsn, tools):
    """Let a plain yoyo take its lock, and kill it with -9."""
    command = tools.yoyo(dsn, "apply")
    url = command[command.index("--database") + 1]
    process = subprocess.Popen(
        [sys.executable, "-c", LOCK_AND_WAIT, url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    process.kill()
    process.wait()
    process.stdout.close()
    with psycopg.connect(dsn, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM yoyo_lock").fetchone() == (1,)
        others = "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        mine = f"{others} AND datname = current_database() AND application_name = ''"
        # The session of the fixture stays.
        wait_until(lambda: connection.execute(mine).fetchone()[0] <= 1)


def test_stale_lock_needs_no_human(empty_db, empty_dsn, tools, monkeypatch):
    start_and_kill_yoyo(empty_dsn, tools)
    empty_db.close()  # no other session is left, so the lock can be nobody's

    monkeypatch.setattr("mytrader_etl.deployment.migrator.LOCK_WAIT", 120.0)
    started = time.monotonic()
    report = deployment.up(empty_dsn)

    assert report.applied == NAMES
    assert any("killed" in note for note in report.notes)
    assert time.monotonic() - started < 120, "it did not wait for nobody"


def test_stale_lock_beside_other_sessions_is_waited_for_and_removed(
    empty_db, empty_dsn, tools, monkeypatch
):
    monkeypatch.setattr("mytrader_etl.deployment.migrator.LOCK_WAIT", 1.0)
    start_and_kill_yoyo(empty_dsn, tools)

    report = deployment.up(empty_dsn)

    assert report.applied == NAMES
    assert empty_db.execute("SELECT count(*) FROM yoyo_lock").fetchone() == (0,)


def test_stale_lock_does_not_stop_the_install_script(empty_db, empty_dsn, tools, install_sql):
    start_and_kill_yoyo(empty_dsn, tools)
    empty_db.close()

    done = tools.psql(empty_dsn, install_sql)

    assert done.returncode == 0, done.stderr
    assert deployment.verify(empty_dsn) == []


def test_installer_killed_in_the_middle_is_continued(empty_db, empty_dsn, library, monkeypatch):
    """An installer dies between two migrations; the next one goes on from there."""
    monkeypatch.setattr("mytrader_etl.deployment.migrator.LOCK_WAIT", 1.0)
    copy = library()
    copy.edit(
        "migrations/9999_procedures.py",
        'step(SOURCES["install"]',
        "import os, signal\nstep(lambda connection: os.kill(os.getpid(), signal.SIGKILL)",
    )
    done = copy.run(
        "import sys; from mytrader_etl import deployment; deployment.up(sys.argv[1])", empty_dsn
    )
    assert done.returncode == -9

    assert deployment.up(empty_dsn).applied == NAMES[-1:]

    assert deployment.verify(empty_dsn) == []
    assert empty_db.execute("SELECT count(*) FROM yoyo_lock").fetchone() == (0,)


def test_waiting_is_not_cut_short_by_the_roles_timeouts(empty_db, empty_dsn):
    """An installer waits for another one, whatever lock_timeout the role has."""
    impatient = f"{empty_dsn} options='-c lock_timeout=100ms -c statement_timeout=5s'"
    from mytrader_etl.deployment.migrator import LOCK_KEY

    with ThreadPoolExecutor(1) as pool:
        with empty_db.transaction():
            empty_db.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK_KEY,))
            waiting = pool.submit(deployment.up, impatient)
            time.sleep(0.7)
            assert not waiting.done()
        assert waiting.result().applied == NAMES
