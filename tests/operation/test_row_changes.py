"""Jobs on small tables: what they write, what they log, what they leave alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg.rows import namedtuple_row
from sql_support import history, in_background, one, raises, rows, select, select_one, wait_until
from table_jobs import TABLE, changes, contents, insert, run, start, update, work


def columns(db, key, *names):
    listed = ", ".join(f'"{name}"' for name in names)
    return rows(db, f'SELECT {listed} FROM {TABLE} WHERE "Id" = %s', key)[0]


def test_every_row_is_written_and_logged(symbols):
    db = symbols
    identity = run(
        db,
        insert("CCC", asset_class="STOCK", name="third"),
        update(7, {"AssetClass": None}, asset_class="STOCK"),
    )
    assert columns(db, 7, "AssetClass", "Name", "Halt") == ("STOCK", "first", timedelta(hours=26))
    assert columns(db, 9, "Ticker", "Exchange", "AssetClass", "Name", "Tick", "Extra", "Tags") == (
        *("CCC", "NYSE", "STOCK", "third"),
        *(0, {}, []),
    )
    done, changed = changes(db, identity)
    assert done[:3] == (9, "insert", None)
    assert done[3] == one(db, f'SELECT to_jsonb(t) FROM {TABLE} t WHERE "Id" = 9')
    key, action, before, after, outcome = changed
    assert (key, action, outcome) == (7, "update", None)
    assert before == {"AssetClass": None, "UpdatedAt": "2024-02-01T00:00:00+00:00"}
    assert after == one(
        db,
        "SELECT jsonb_build_object('AssetClass', t.\"AssetClass\", 'UpdatedAt', t.\"UpdatedAt\")"
        f' FROM {TABLE} t WHERE "Id" = 7',
    )
    done = history(db, identity)
    assert (done.status, done.records_changed, done.records_skipped) == ("completed", 2, 0)
    assert rows(db, "SELECT * FROM etl.row_plan") == []


def test_rows_that_are_there_are_not_added_again(symbols):
    before = contents(symbols)
    identity = run(symbols, insert("AAA", name="other"), insert("BBB"), insert("CCC"))
    assert contents(symbols)[:2] == before
    assert [key for key, *_ in changes(symbols, identity)] == [9]
    assert history(symbols, identity).records_skipped == 2


def test_a_row_whose_condition_no_longer_holds_is_left_alone(symbols):
    db = symbols
    identity = start(
        db,
        update(7, {"AssetClass": None}, asset_class="STOCK"),
        update(8, {"AssetClass": None}, asset_class="STOCK"),
    )
    db.execute(f"""UPDATE {TABLE} SET "AssetClass" = 'ETF' WHERE "Id" = 8""")
    result = work(db, identity)
    assert (result.status, result.changed, result.skipped) == ("completed", 1, 1)
    assert [columns(db, key, "AssetClass") for key in (7, 8)] == [("STOCK",), ("ETF",)]


@pytest.mark.parametrize(
    "condition",
    [{"Extra": {"a": {"b": [1]}}}, {"Tags": ["x"]}, {"Extra": {"a": {"b": [2, 1]}}}],
    ids=str,
)
def test_conditions_compare_whole_values(symbols, condition):
    """What contains a value does not hold it."""
    identity = run(symbols, update(7, condition, name="new"))
    assert history(symbols, identity).records_changed == 0
    same = {"Extra": {"a": {"b": [1, 2]}}, "Tags": ["x", "y"]}
    assert history(symbols, run(symbols, update(7, same, name="new"))).records_changed == 1


def test_values_that_are_there_already_are_not_logged(symbols):
    identity = run(symbols, update(7, name="first"), update(8, name="new"))
    assert [(key, after.get("Name")) for key, _, _, after, _ in changes(symbols, identity)] == [
        (8, "new")
    ]


def test_refused_rows_are_listed_and_the_rest_is_done(symbols):
    db = symbols
    db.execute(f"""ALTER TABLE {TABLE} ADD CHECK ("Name" <> 'bad')""")
    planned = [insert(f"T{number}") for number in range(20)]
    planned[3] = insert("TOOLONGFORTHECOLUMN")
    planned[11] = insert("BAD", name="bad")
    identity = run(db, *planned, update(8, asset_class="X" * 21))
    done = history(db, identity)
    assert (done.status, done.records_changed, done.records_failed) == (
        *("completed_with_errors", 18),
        3,
    )
    assert {(record.match_value, record.sqlstate) for record in failed_records(db, identity)} == {
        ("TOOLONGFORTHECOLUMN", "22001"),
        ("BAD", "23514"),
        (None, "22001"),
    }
    assert one(db, f"SELECT count(*) FROM {TABLE}") == 20
    assert len(changes(db, identity)) == 18


def failed_records(db, identity):
    with db.cursor(row_factory=namedtuple_row) as cursor:
        query = "SELECT * FROM etl.failed_record WHERE execution_id = %s"
        return cursor.execute(query, (identity,)).fetchall()


def test_a_dry_run_writes_nothing(symbols):
    before = contents(symbols)
    identity = run(symbols, insert("CCC"), update(7, name="new"), dry_run=True)
    assert contents(symbols) == before
    assert changes(symbols, identity) == []
    done = history(symbols, identity)
    assert (done.dry_run, done.records_changed) == (True, 2)


def test_keys_without_a_default_are_numbered_on(symbols):
    run(symbols, *(insert(f"T{number}") for number in range(2500)), batch_size=700)
    assert one(symbols, f'SELECT array_agg("Id" ORDER BY "Id") FROM {TABLE}') == list(
        range(7, 7 + 2502)
    )


def test_a_writer_at_the_same_time_makes_no_duplicate(symbols, session):
    """Without a unique index on tickers the job waits for who is writing, and looks then."""
    writer = session()
    writer.execute("BEGIN")
    writer.execute(
        f"""INSERT INTO {TABLE} SELECT 100, 'CCC', "Exchange", NULL, 'theirs', "Tick", "Extra","""
        f""" "Tags", "ListedAt", NULL, "UpdatedAt" FROM {TABLE} WHERE "Id" = 7"""
    )
    identity = start(symbols, insert("CCC"), insert("DDD"))
    with in_background(work, session(), identity) as result:
        wait_until(
            lambda: bool(
                one(
                    symbols,
                    "SELECT count(*) FROM pg_locks l"
                    " WHERE NOT l.granted AND l.mode = 'ShareRowExclusiveLock'",
                )
            )
        )
        writer.execute("COMMIT")
    assert result.result().status == "completed"
    assert rows(symbols, f'SELECT "Ticker", "Name" FROM {TABLE} WHERE "Id" > 8 ORDER BY 1') == [
        ("CCC", "theirs"),
        ("DDD", None),
    ]


def test_two_jobs_at_once_make_no_duplicate(db, session):
    """Here a unique index stops the second of two equal rows."""
    db.execute(
        "CREATE TABLE symbols (id bigserial PRIMARY KEY, ticker text, venue text,"
        " UNIQUE (ticker, venue))"
    )
    planned = [insert(f"T{number}") for number in range(3000)]
    identity = start(db, *planned, batch_size=100)
    others = session()
    with in_background(work, session(), identity) as result:
        for number in range(3000):
            others.execute(
                "INSERT INTO symbols (ticker, venue) VALUES (%s, 'NYSE') ON CONFLICT DO NOTHING",
                (f"T{2999 - number}",),
            )
    done = result.result()
    assert done.status == "completed"
    assert one(db, "SELECT count(*) FROM symbols") == 3000
    assert done.changed + done.skipped == 3000
    assert len(select(db, "operation_changes", execution_id=identity)) == done.changed


def test_a_collision_that_is_not_of_identity_is_told(db):
    """A row with the same name and another ticker is not the same row."""
    db.execute(
        "CREATE TABLE symbols (id bigserial PRIMARY KEY, ticker text, venue text, name text UNIQUE,"
        " UNIQUE (ticker, venue));"
        "INSERT INTO symbols (ticker, venue, name) VALUES ('AAA', 'NYSE', 'same')"
    )
    identity = run(db, insert("AAA"), insert("CCC", name="same"), insert("DDD"))
    done = history(db, identity)
    assert (done.records_changed, done.records_skipped, done.records_failed) == (1, 1, 1)
    (record,) = failed_records(db, identity)
    assert (record.match_value, record.sqlstate) == ("CCC", "23505")
    assert "symbols_name_key" in record.message


def test_a_narrower_unique_index_tells_rows_apart(db, session):
    """Tickers are unique whatever their venue: who comes second finds the row there."""
    db.execute("CREATE TABLE symbols (id bigserial PRIMARY KEY, ticker text UNIQUE, venue text)")
    writer = session()
    writer.execute("BEGIN")
    writer.execute("INSERT INTO symbols (ticker, venue) VALUES ('AAA', 'BIST')")
    identity = start(db, insert("AAA"), insert("BBB"))
    with in_background(work, session(), identity) as result:
        wait_until(lambda: bool(one(db, "SELECT count(*) FROM pg_locks WHERE NOT granted")))
        writer.execute("COMMIT")
    assert (result.result().changed, result.result().skipped) == (1, 1)
    assert rows(db, "SELECT ticker, venue FROM symbols ORDER BY 1") == [
        ("AAA", "BIST"),
        ("BBB", "NYSE"),
    ]


def test_settings_of_the_session_do_not_matter(symbols, session):
    """The change log reads the same, so conditions hold and an undo knows its own rows."""
    strange = session(
        options="-c timezone=Asia/Tokyo -c datestyle=SQL,DMY -c intervalstyle=iso_8601"
    )
    identity = start(
        symbols,
        update(7, {"ListedAt": "2020-03-08T02:30:00+00:00", "Halt": "1 day 02:00:00"}, name="new"),
    )
    strange.execute("CALL etl.resume_correction(%s)", (identity,))
    ((_, _, before, after, _),) = changes(symbols, identity)
    assert before == {"Name": "first", "UpdatedAt": "2024-02-01T00:00:00+00:00"}
    assert after["Name"] == "new"
    strange.execute("CALL etl.rollback_operation(%s)", (identity,))
    assert columns(symbols, 7, "Name") == ("first",)
    assert history(symbols, identity).status == "rolled_back"


def test_settings_for_columns(symbols, login):
    db = symbols

    def set_default(session, column, value):
        return select_one(
            session, "set_column_default", relation=TABLE, column_name=column, value=value
        )

    assert set_default(db, "Tick", "0.05") == (None, "0.05")
    assert set_default(db, "Extra", '{"new": true}') == (None, '{"new": true}')
    run(db, insert("CCC"))
    assert rows(db, f'SELECT "Tick"::text, "Extra" FROM {TABLE} WHERE "Id" = 9') == [
        ("0.0500", {"new": True})
    ]
    assert set_default(db, "Tick", None) == ("0.05", None)
    run(db, insert("DDD"))
    assert columns(db, 10, "Tick") == (0,)
    assert rows(
        db,
        "SELECT target, before ->> 'value', after ->> 'value' FROM etl.audit_log"
        " WHERE action = 'set_column_default' AND target LIKE '%Tick%' ORDER BY occurred_at",
    ) == [(f'{TABLE}."Tick"', None, "0.05"), (f'{TABLE}."Tick"', "0.05", None)]
    with raises("22P02"):
        set_default(db, "Tick", "cheap")
    with raises("ME003"):
        set_default(db, "tick", "1")
    admin = login("etl_admin")
    with raises("42501"):
        set_default(admin, "Tick", "1")
    db.execute(f"GRANT USAGE ON SCHEMA platform TO {admin.info.user}")
    db.execute(f"GRANT INSERT ON {TABLE} TO {admin.info.user}")
    assert set_default(admin, "Tick", "1") == (None, "1")


def test_a_reference_that_nobody_can_guess(symbols):
    db = symbols
    db.execute(
        f"CREATE TABLE sector (id int PRIMARY KEY); INSERT INTO sector VALUES (3);"
        f'ALTER TABLE {TABLE} ADD "SectorId" int REFERENCES sector;'
        f'UPDATE {TABLE} SET "SectorId" = 3; ALTER TABLE {TABLE} ALTER "SectorId" SET NOT NULL'
    )
    with raises("ME008") as caught:
        run(db, insert("CCC"))
    assert '"SectorId"' in caught.value.diag.message_primary
    assert "another table" in caught.value.diag.message_detail
    assert rows(db, "SELECT * FROM etl_execution_history") == []
    hint = caught.value.diag.message_hint
    db.execute(hint[hint.index("SELECT") :].replace("'...'", "'3'"))
    run(db, insert("CCC"))
    assert columns(db, 9, "SectorId") == (3,)
