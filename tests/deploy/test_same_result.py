"""migrate up, plain yoyo and `sql install` lead to one and the same database."""

from __future__ import annotations

from mytrader_etl import deployment
from mytrader_etl.deployment import sources

ROUTINES = "SELECT count(*) FROM etl.installed_routine"


def names():
    return tuple(migration.id for migration in sources.migrations())


def recorded(connection):
    """Everything that the three ways record, apart from times and names of machines."""
    queries = (
        "SELECT migration_hash, migration_id FROM _yoyo_migration ORDER BY 2",
        "SELECT version FROM _yoyo_version",
        # yoyo also logs that it has run its hook.
        "SELECT migration_hash, migration_id, operation, comment FROM _yoyo_log"
        " WHERE migration_id <> 'post-apply' ORDER BY 2",
        "SELECT count(*) FROM yoyo_lock",
        "SELECT migration_name, source_sha256 FROM etl.installed_migration ORDER BY 1",
        "SELECT routine_name, identity_arguments, source_path, source_sha256, body_sha256,"
        " granted_role, library_version FROM etl.installed_routine ORDER BY 1, 2",
        "SELECT library_version, installed_by FROM etl.installation",
    )
    return [connection.execute(query).fetchall() for query in queries]


def test_up_installs_everything(empty_db, empty_dsn):
    report = deployment.up(empty_dsn)

    assert report.applied == names()
    assert report.previous_version is None
    assert report.changed
    assert empty_db.execute(ROUTINES).fetchone() == (len(sources.routines()),)
    assert deployment.verify(empty_dsn) == []
    assert [state.state for state in deployment.status(empty_dsn)] == ["applied"] * len(names())


def test_up_twice_changes_nothing(db, dsn, tools):
    before = recorded(db), tools.dump(dsn)

    report = deployment.up(dsn)

    assert not report.changed
    assert report.previous_version == sources.LIBRARY_VERSION
    assert (recorded(db), tools.dump(dsn)) == before


def test_a_url_of_yoyo_is_understood(empty_dsn, tools):
    command = tools.yoyo(empty_dsn, "apply")
    assert deployment.up(command[command.index("--database") + 1]).applied == names()


def test_plain_yoyo_gives_the_same_database(db, dsn, empty_db, empty_dsn, tools, tmp_path):
    done = tools.run(*tools.yoyo(empty_dsn, "apply"), cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert tools.dump(empty_dsn) == tools.dump(dsn)
    assert recorded(empty_db) == recorded(db)
    assert deployment.verify(empty_dsn) == []
    again = empty_db.execute(
        "SELECT max(r.installed_at) AT TIME ZONE 'UTC' > (SELECT max(created_at_utc)"
        "  FROM _yoyo_log WHERE migration_id = %s) FROM etl.installed_routine r",
        (names()[-1],),
    )
    assert again.fetchone() == (False,), "what comes after the step has nothing to do"


def test_plain_yoyo_works_from_a_checkout_where_the_package_is_not_installed(
    empty_db, empty_dsn, tools, library, tmp_path
):
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    copy = library()
    for name in ("procedures", "migrations"):
        (copy.package / name).rename(checkout / name)
    copy.package.rename(checkout / "driver")
    command = tools.yoyo(empty_dsn, "apply", checkout / "migrations")
    code = (
        "import runpy, sys; sys.modules['mytrader_etl'] = None;"
        "runpy.run_module('yoyo', run_name='__main__')"
    )
    done = tools.run(command[0], "-c", code, *command[3:], cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert empty_db.execute(ROUTINES).fetchone() == (len(sources.routines()),)
    assert deployment.verify(empty_dsn) == []


def test_install_script_gives_the_same_database(db, dsn, empty_db, empty_dsn, tools, install_sql):
    done = tools.psql(empty_dsn, install_sql)

    assert done.returncode == 0, done.stderr
    assert "is installed" in done.stdout
    assert tools.dump(empty_dsn) == tools.dump(dsn)
    assert recorded(empty_db) == recorded(db)
    assert not deployment.up(empty_dsn).changed
    assert deployment.verify(empty_dsn) == []


def test_install_script_can_be_run_again_and_repairs(db, dsn, tools, install_sql):
    before = recorded(db), tools.dump(dsn)
    db.execute("DROP FUNCTION etl.require_version(text)")

    done = tools.psql(dsn, install_sql)

    assert done.returncode == 0, done.stderr
    assert (recorded(db), tools.dump(dsn)) == before


def test_install_script_is_all_or_nothing(empty_db, empty_dsn, tools, install_sql):
    text = install_sql.read_text()
    install_sql.write_text(text.replace("\nCOMMIT;", "\nSELECT 1 / 0;\nCOMMIT;"))

    done = tools.psql(empty_dsn, install_sql)

    assert done.returncode == 3
    assert "division by zero" in done.stderr
    assert empty_db.execute("SELECT to_regnamespace('etl')").fetchone() == (None,)
    assert empty_db.execute("SELECT to_regclass('_yoyo_migration')").fetchone() == (None,)


def test_down_and_up_again_gives_the_same_database(db, dsn, tools):
    before = tools.dump(dsn)

    assert deployment.plan_down(dsn) == names()[::-1]
    report = deployment.down(dsn)

    assert report.rolled_back == names()[::-1]
    assert db.execute("SELECT to_regnamespace('etl')").fetchone() == (None,)
    assert db.execute("SELECT to_regclass('etl_execution_history')").fetchone() == (None,)
    assert {state.state for state in deployment.status(dsn)} == {"pending"}
    assert deployment.up(dsn).applied == names()
    assert tools.dump(dsn) == before
    assert deployment.verify(dsn) == []


def test_plain_yoyo_rolls_back_too(db, dsn, tools):
    done = tools.run(*tools.yoyo(dsn, "rollback"), "--revision", names()[0])

    assert done.returncode == 0, done.stderr
    assert db.execute("SELECT to_regnamespace('etl')").fetchone() == (None,)


def test_plain_yoyo_takes_the_routines_back_first_and_brings_them_again(db, dsn, tools):
    before = tools.dump(dsn)

    assert tools.run(*tools.yoyo(dsn, "rollback")).returncode == 0
    assert db.execute(ROUTINES).fetchone() == (0,)
    assert tools.run(*tools.yoyo(dsn, "apply")).returncode == 0

    assert tools.dump(dsn) == before
    assert deployment.verify(dsn) == []


def test_down_to_a_revision_keeps_it(db, dsn):
    report = deployment.down(dsn, "0003")

    assert report.rolled_back == names()[3:][::-1]
    assert [s.state for s in deployment.status(dsn)] == ["applied"] * 3 + ["pending"] * len(
        names()[3:]
    )
    assert db.execute(ROUTINES).fetchone() == (0,)
    left = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'etl'::regnamespace"
    assert db.execute(left).fetchone() == (0,)
    assert deployment.up(dsn).applied == names()[3:]
    assert deployment.verify(dsn) == []


def test_down_drops_only_what_was_installed_by_us(db, dsn):
    db.execute("CREATE FUNCTION etl.theirs() RETURNS int LANGUAGE sql RETURN 1")

    deployment.down(dsn, "0003")

    assert db.execute("SELECT etl.theirs()").fetchone() == (1,)
