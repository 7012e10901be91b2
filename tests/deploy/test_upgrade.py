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
    step = (copy.package / "migrations/0012_procedures_0_1_0.py").read_text()
    step = step.replace('"0003_corrections"', '"0012_procedures_0_1_0", "0090_more"')
    copy.write("migrations/0091_procedures_0_2_0.py", step)
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
    slowly = {"batch_size": 100, "adaptive": False, "pause_between_batches": "20 ms"}
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
    result = call(market, "resume_correction", correction_id=identity)
    assert result.status == "completed"
    assert history(market, identity).records_changed == len(changed_by(before, right))
    assert classes(market) == (before if undo else right)


def test_fresh_install_of_a_later_release_installs_the_routines_once(empty_db, empty_dsn, library):
    """The step of the first release must not install routines that need a later table."""
    copy = newer(library)
    copy.deploy("up", empty_dsn)

    assert copy.deploy("verify", empty_dsn).strip() == "[]"
    versions = empty_db.execute("SELECT DISTINCT library_version FROM etl.installed_routine")
    assert versions.fetchall() == [("0.2.0",)]


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
    copy.edit(path, "etl.pause_operation(uuid, text)", "etl.pause_operation")
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
    assert ("0091_procedures_0_2_0", "foreign") in [
        (finding.name, finding.state) for finding in deployment.verify(dsn)
    ]


def test_library_and_schema_have_to_match(db):
    assert db.execute("SELECT etl.require_version(%s)", (sources.LIBRARY_VERSION,)).fetchone()
    with pytest.raises(Exception, match="do not match") as refused:
        db.execute("SELECT etl.require_version('9.9.9')")
    assert refused.value.sqlstate == "ME010"
