"""An upgrade keeps what is there; an older library refuses a newer schema."""

from __future__ import annotations

from uuid import uuid4

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
    rows,
    select,
    wait_until,
)

from mytrader_etl import deployment
from mytrader_etl.deployment import sources
from mytrader_etl.errors import SchemaMismatchError

HISTORY = "SELECT h::text FROM etl_execution_history h ORDER BY execution_id"


def newer(library):
    """Return a library 0.2.0: one more column, one more routine, one routine less."""
    copy = library("0.2.0")
    copy.write("migrations/0090_more.sql", "ALTER TABLE etl.installation ADD COLUMN remark text;\n")
    copy.write("migrations/0090_more.rollback.sql", "ALTER TABLE etl.installation DROP remark;\n")
    copy.write(
        "procedures/installation/remark.sql",
        "CREATE OR REPLACE FUNCTION etl.remark() RETURNS text LANGUAGE sql\n"
        "SET search_path = pg_catalog, pg_temp\n"
        "AS $remark$ SELECT max(remark) FROM etl.installation $remark$;\n",
    )
    copy.edit("procedures/manifest.txt", "    require_version  ", "    remark  ")
    (copy.package / "procedures/installation/require_version.sql").unlink()
    return copy


def exists(db, signature):
    return db.execute("SELECT to_regprocedure(%s) IS NOT NULL", (signature,)).fetchone() == (True,)


def test_upgrade_keeps_history_and_backups(market, dsn, library):
    db = market
    db.execute("CALL etl.correct_asset_classes(reason => 'before the upgrade')")
    history = db.execute(HISTORY).fetchall()
    backup = db.execute("SELECT backup_table FROM etl_execution_history").fetchone()[0]
    rows = db.execute(f"SELECT b::text FROM {backup} b ORDER BY 1").fetchall()
    assert rows

    newer(library).deploy("up", dsn)

    assert db.execute("SELECT etl.version()").fetchone() == ("0.2.0",)
    assert db.execute(HISTORY).fetchall() == history
    assert db.execute(f"SELECT b::text FROM {backup} b ORDER BY 1").fetchall() == rows
    assert exists(db, "etl.remark()")
    assert not exists(db, "etl.require_version(text)"), "dropped by the new version"


@pytest.mark.parametrize("undo", [False, True], ids=["correct", "rollback"])
def test_what_was_paused_is_resumed_by_the_next_version(market, dsn, library, session, undo):
    add_blank_bars(market, 6000)
    before, right = classes(market), expected_classes(market)
    correction_id, rollback_id = uuid4(), uuid4()
    slowly = {"batch_size": 100, "adaptive": False, "pause_between_batches": "300 ms"}
    identity = rollback_id if undo else correction_id
    if undo:
        correct(market, correction_id=correction_id)
        options = {"correction_id": correction_id, "rollback_id": rollback_id} | slowly
        job = in_background(call, session(), "rollback_correction", **options)
    else:
        job = in_background(correct, session(), correction_id=correction_id, **slowly)
    with job as future:
        wait_until(lambda: getattr(history(market, identity), "records_changed", 0) > 0)
        select(market, "pause_operation", execution_id=identity)
    assert future.result().status == "paused"

    newer(library).deploy("up", dsn)

    assert one(market, "SELECT etl.version()") == "0.2.0"
    select(market, "tune_operation", execution_id=identity, pause_between_batches="0")
    result = call(market, "resume_correction", correction_id=identity)
    assert result.status == "completed"
    assert history(market, identity).records_changed == len(changed_by(before, right))
    assert classes(market) == (before if undo else right)


def plain_yoyo(tools, dsn, copy, *options):
    done = tools.run(*tools.yoyo(dsn, "apply", copy.package / "migrations"), *options)
    assert done.returncode == 0, done.stderr


def test_plain_yoyo_upgrades_too(db, dsn, library, tools):
    copy = newer(library)

    plain_yoyo(tools, dsn, copy)

    assert copy.deploy("verify", dsn).strip() == "[]"
    assert one(db, "SELECT etl.version()") == "0.2.0"
    assert exists(db, "etl.remark()")
    assert not exists(db, "etl.require_version(text)")


def test_plain_yoyo_leaves_routines_until_all_migrations_are_applied(db, dsn, library, tools):
    copy = newer(library)
    copy.write("migrations/0091_last.sql", "ALTER TABLE etl.installation ADD COLUMN last text;\n")
    copy.write("migrations/0091_last.rollback.sql", "ALTER TABLE etl.installation DROP last;\n")

    plain_yoyo(tools, dsn, copy, "--revision", "0090_more")

    assert one(db, "SELECT etl.version()") == sources.LIBRARY_VERSION
    assert not exists(db, "etl.remark()")
    plain_yoyo(tools, dsn, copy)
    assert copy.deploy("verify", dsn).strip() == "[]"


def test_plain_yoyo_takes_up_an_upgrade_that_failed(db, dsn, library, tools):
    copy = newer(library)
    path = "procedures/installation/remark.sql"
    copy.edit(path, "LANGUAGE sql", "LANGUAGE nonsense")
    failed = tools.run(*tools.yoyo(dsn, "apply", copy.package / "migrations"))
    assert failed.returncode != 0
    assert "nonsense" in failed.stderr
    assert exists(db, "etl.require_version(text)"), "all or nothing"
    copy.edit(path, "LANGUAGE nonsense", "LANGUAGE sql")

    plain_yoyo(tools, dsn, copy)

    assert copy.deploy("verify", dsn).strip() == "[]"
    assert exists(db, "etl.remark()")


def test_plain_yoyo_installs_no_routines_beside_half_of_the_tables(empty_db, empty_dsn, tools):
    command = tools.yoyo(empty_dsn, "apply")
    done = tools.run(*command, "--revision", "0003")

    assert done.returncode == 0, done.stderr
    routines = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'etl'::regnamespace"
    assert one(empty_db, routines) == 0
    assert tools.run(*command).returncode == 0
    assert deployment.verify(empty_dsn) == []


def test_a_new_migration_is_recorded_though_no_routine_changed(db, dsn, library):
    copy = library()
    copy.write("migrations/0090_more.sql", "ALTER TABLE etl.installation ADD COLUMN remark text;\n")

    copy.deploy("up", dsn)

    recorded = "SELECT count(*) FROM etl.installed_migration WHERE migration_name = '0090_more.sql'"
    assert one(db, recorded) == 1


LAST_ROOM = list(sources.rooms())[-1]
CATALOG = "SELECT oid, xmin::text FROM pg_proc WHERE pronamespace = 'etl'::regnamespace ORDER BY 1"
PATH = "SELECT source_path FROM etl.installed_routine WHERE routine_name = %s"


def moved(copy):
    """Move the file of a routine into the last room; return the routine."""
    packaged = sources.routines()
    needed = {name for routine in packaged for name in routine.calls_at_creation}
    routine = next(r for r in packaged if r.role == "internal" and r.name not in needed)
    file = copy.package / "procedures" / routine.path
    file.rename(copy.package / "procedures" / LAST_ROOM / file.name)
    return routine


def test_a_file_that_moved_is_the_same_routine(db, dsn, library):
    copy = library()
    before = rows(db, CATALOG)
    routine = moved(copy)
    assert copy.deploy("verify", dsn).strip() == "[]"

    assert "repaired=()" in copy.deploy("up", dsn)

    assert rows(db, CATALOG) == before, "nothing was installed again"
    assert one(db, PATH, routine.name) == f"{LAST_ROOM}/{routine.name}.sql"
    assert copy.deploy("verify", dsn).strip() == "[]"


def test_an_upgrade_does_not_drop_a_routine_whose_file_moved(db, dsn, library):
    copy = library("0.1.1")
    before = dict(
        rows(db, "SELECT proname, oid FROM pg_proc WHERE pronamespace = 'etl'::regnamespace")
    )
    routine = moved(copy)
    path = "procedures/installation/require_version.sql"
    copy.edit(path, "RETURN v_installed;", "RETURN v_installed;  -- changed")

    copy.deploy("up", dsn)

    after = dict(
        rows(db, "SELECT proname, oid FROM pg_proc WHERE pronamespace = 'etl'::regnamespace")
    )
    assert {name for name in before if before[name] != after[name]} == {"require_version"}
    assert one(db, PATH, routine.name) == f"{LAST_ROOM}/{routine.name}.sql"
    assert copy.deploy("verify", dsn).strip() == "[]"


def test_a_role_that_only_the_manifest_changes_is_granted(db, dsn, library):
    copy = library()
    copy.edit(
        "procedures/manifest.txt",
        "    correction_health           etl_reader",
        "    correction_health           etl_admin",
    )

    assert "state='outdated'" in copy.deploy("up", dsn)

    may = "SELECT has_function_privilege('etl_reader', p.oid, 'EXECUTE') FROM pg_proc p"
    assert one(db, f"{may} WHERE p.proname = 'correction_health'") is False
    assert copy.deploy("verify", dsn).strip() == "[]"


def test_a_routine_that_is_no_longer_packaged_is_dropped(db, dsn, library):
    copy = library()
    copy.edit("procedures/manifest.txt", "    require_version             etl_reader\n", "")
    (copy.package / "procedures/installation/require_version.sql").unlink()
    assert "is no longer part of this library" in copy.deploy("verify", dsn)

    copy.deploy("up", dsn)

    assert not exists(db, "etl.require_version(text)")
    assert copy.deploy("verify", dsn).strip() == "[]"


def test_upgrade_without_a_new_migration(db, dsn, library):
    copy = library("0.1.1")
    path = "procedures/installation/require_version.sql"
    copy.edit(path, "RETURN v_installed;", "RETURN v_installed;  -- changed")

    output = copy.deploy("up", dsn)

    assert "state='outdated'" in output
    assert copy.deploy("verify", dsn).strip() == "[]"
    assert db.execute("SELECT etl.version()").fetchone() == ("0.1.1",)
    source = "SELECT prosrc FROM pg_proc WHERE oid = 'etl.require_version(text)'::regprocedure"
    assert "-- changed" in db.execute(source).fetchone()[0]


def test_upgrade_that_changes_what_routines_take_and_return(db, dsn, library):
    copy = library("0.1.1")
    path = "procedures/operation/control/pause_operation.sql"
    copy.edit(path, "reason text DEFAULT NULL", "reason varchar DEFAULT NULL")
    path = "procedures/installation/version.sql"
    copy.edit(path, "RETURNS text", "RETURNS varchar")

    copy.deploy("up", dsn)

    assert copy.deploy("verify", dsn).strip() == "[]"
    returned = (
        "SELECT prorettype::regtype::text FROM pg_proc WHERE oid = 'etl.version()'::regprocedure"
    )
    assert db.execute(returned).fetchall() == [("character varying",)]
    assert not exists(db, "etl.pause_operation(uuid, text)")
    assert exists(db, "etl.pause_operation(uuid, varchar)")


def test_upgrade_in_which_nothing_but_the_version_changed(db, dsn, library):
    library("0.1.1").deploy("up", dsn)

    assert db.execute("SELECT etl.version()").fetchone() == ("0.1.1",)


def test_older_library_refuses_a_newer_schema(db, dsn, library, tools, install_sql):
    newer(library).deploy("up", dsn)
    before = tools.dump(dsn)

    for attempt in (deployment.up, deployment.down):
        with pytest.raises(SchemaMismatchError) as refused:
            attempt(dsn)
        assert refused.value.sqlstate == "ME010"
        assert "0.2.0" in refused.value.message
        assert refused.value.detail is not None
        assert sources.LIBRARY_VERSION in refused.value.detail
        assert refused.value.hint
    done = tools.psql(dsn, install_sql)
    assert done.returncode == 3
    assert "0.2.0" in done.stderr

    assert tools.dump(dsn) == before
    assert ("0090_more", "foreign") in [
        (finding.name, finding.state) for finding in deployment.verify(dsn)
    ]


def test_library_and_schema_have_to_match(db):
    assert db.execute("SELECT etl.require_version(%s)", (sources.LIBRARY_VERSION,)).fetchone()
    with pytest.raises(Exception, match="do not match") as refused:
        db.execute("SELECT etl.require_version('9.9.9')")
    assert refused.value.sqlstate == "ME010"
