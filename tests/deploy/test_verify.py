"""verify and status name what was edited, is missing, or is not ours; up repairs routines."""

from __future__ import annotations

import pytest

from mytrader_etl import deployment
from mytrader_etl.deployment import sources
from mytrader_etl.deployment.sources import SourceError
from mytrader_etl.errors import InvalidOptionError

ROUTINE = "etl.require_version"
FIRST = sources.migrations()[0]


def only(findings, kind):
    assert {finding.kind for finding in findings} <= {kind}
    return [(finding.name.split("(")[0], finding.state) for finding in findings]


def edit(db):
    db.execute(
        "CREATE OR REPLACE FUNCTION etl.require_version(library_version text) RETURNS text"
        " LANGUAGE sql AS $$ SELECT library_version $$"
    )


def test_edited_routine_is_found_and_repaired(db, dsn):
    edit(db)
    assert only(deployment.verify(dsn), "routine") == [(ROUTINE, "edited")]

    report = deployment.up(dsn)

    assert only(report.repaired, "routine") == [(ROUTINE, "edited")]
    assert deployment.verify(dsn) == []


def test_dropped_routine_is_found_and_repaired(db, dsn):
    db.execute("DROP FUNCTION etl.require_version(text)")
    assert only(deployment.verify(dsn), "routine") == [(ROUTINE, "missing")]

    deployment.up(dsn)

    assert deployment.verify(dsn) == []


def test_even_the_verifier_may_be_missing(db, dsn):
    db.execute("DROP FUNCTION etl.verify_installation()")
    assert ("etl.verify_installation", "missing") in only(deployment.verify(dsn), "routine")

    deployment.up(dsn)

    assert deployment.verify(dsn) == []


def test_foreign_routine_is_named_and_left_alone(db, dsn):
    db.execute("CREATE FUNCTION etl.theirs() RETURNS int LANGUAGE sql RETURN 1")
    assert only(deployment.verify(dsn), "routine") == [("etl.theirs", "foreign")]

    report = deployment.up(dsn)

    assert not report.changed
    assert db.execute("SELECT etl.theirs()").fetchone() == (1,)


def test_routine_of_another_source_is_outdated_and_replaced(db, dsn):
    db.execute(
        "UPDATE etl.installed_routine SET source_sha256 = 'other' WHERE routine_name = %s",
        ("require_version",),
    )
    assert only(deployment.verify(dsn), "routine") == [(ROUTINE, "outdated")]

    assert only(deployment.up(dsn).repaired, "routine") == [(ROUTINE, "outdated")]
    assert deployment.verify(dsn) == []


def test_edited_migration_is_found(db, dsn):
    db.execute(
        "UPDATE etl.installed_migration SET source_sha256 = 'other' WHERE migration_name = %s",
        (FIRST.file_name,),
    )
    assert only(deployment.verify(dsn), "migration") == [(FIRST.file_name, "edited")]
    assert deployment.status(dsn)[0].state == "edited"

    deployment.up(dsn)  # no remedy: a human has to look at it

    assert only(deployment.verify(dsn), "migration") == [(FIRST.file_name, "edited")]


def test_missing_migration_is_found(db, dsn):
    last = sources.migrations()[-1]
    db.execute("DELETE FROM _yoyo_migration WHERE migration_id = %s", (last.id,))
    assert only(deployment.verify(dsn), "migration") == [(last.file_name, "missing")]
    assert deployment.status(dsn)[-1].state == "pending"

    assert deployment.up(dsn).applied == (last.id,)
    assert deployment.verify(dsn) == []


def test_foreign_migration_is_found(db, dsn):
    db.execute("INSERT INTO _yoyo_migration VALUES ('h', '0099_theirs', now())")
    assert only(deployment.verify(dsn), "migration") == [("0099_theirs", "foreign")]
    assert deployment.status(dsn)[-1].state == "foreign"


def test_everything_is_missing_in_an_empty_database(empty_db, empty_dsn):
    findings = deployment.verify(empty_dsn)

    assert {finding.state for finding in findings} == {"missing"}
    assert len(findings) == len(sources.migrations()) + len(sources.routines())
    assert {state.state for state in deployment.status(empty_dsn)} == {"pending"}
    tables = empty_db.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    assert tables.fetchone() == (0,), "looking changes nothing"


def test_unknown_revision_is_refused(db, dsn):
    for revision in ("0000", "00", ""):
        with pytest.raises(InvalidOptionError):
            deployment.down(dsn, revision)
    assert deployment.verify(dsn) == []


def test_a_library_without_its_sql_refuses(library, dsn):
    import shutil

    for name, remedy in (("procedures", "procedures"), ("migrations", "migrations")):
        copy = library(f"0.1.0+{name}")
        shutil.rmtree(copy.package / name)
        done = copy.run(
            "import sys; from mytrader_etl import deployment; deployment.up(sys.argv[1])", dsn
        )
        assert done.returncode != 0
        assert "SourceError" in done.stderr
        assert remedy in done.stderr


def test_manifest_has_to_fit_the_files(library):
    check = "from mytrader_etl.deployment import sources; print(len(sources.routines()))"
    copy = library()
    assert int(copy.run(check).stdout) == len(sources.routines())

    (copy.package / "procedures/attic").mkdir()
    copy.write("procedures/attic/stray.sql", "SELECT 1;")
    assert "does not name the rooms ['attic']" in copy.run(check).stderr

    copy.write("procedures/catalog/version.sql", "SELECT 1;")
    copy.edit("procedures/manifest.txt", "\nmonitoring\n", "\nattic\n\nmonitoring\n")
    assert "two files of procedures/ bear the name version.sql" in copy.run(check).stderr

    copy.write("procedures/manifest.txt", "installation\n    version somebody\n")
    assert "line 2" in copy.run(check).stderr


def test_routines_that_would_have_to_exist_before_each_other_are_refused(library):
    copy = library()
    for name, other in (("_hen", "_egg"), ("_egg", "_hen")):
        copy.write(
            f"procedures/catalog/{name}.sql",
            f"CREATE FUNCTION etl.{name}() RETURNS int LANGUAGE sql\n"
            f"AS $body$ SELECT etl.{other}() $body$;",
        )
    done = copy.run("from mytrader_etl.deployment import sources; sources.routines()")
    assert "routines of catalog call each other" in done.stderr


def test_line_ends_do_not_change_a_hash():
    assert sources.sha256("a\r\nb\r\n") == sources.sha256("a\nb\n")


@pytest.mark.parametrize(("older", "newer"), [("0.1.0", "0.1.1"), ("0.9", "0.10"), ("1", "1.0.1")])
def test_versions_compare_by_number(older, newer):
    assert sources.version_key(older) < sources.version_key(newer)


def test_version_without_number_is_refused():
    assert sources.version_key("0.1") == sources.version_key("0.1.0")
    with pytest.raises(SourceError):
        sources.version_key("latest")
