"""Backup tables: the runbook's manual restore, the list, the purge, and what happens to them."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from sql_support import (
    ALL_WRONG,
    call,
    changed_by,
    classes,
    correct,
    history,
    one,
    raises,
    rollback,
    rows,
    select,
    whole_rows,
)

from mytrader_etl.deployment import sources

FIND = """
SELECT tablename FROM pg_tables
WHERE tablename LIKE 'market_data_backup_%'
ORDER BY tablename DESC LIMIT 1;
"""
RESTORE = """
UPDATE market_data
SET asset_class = backup.asset_class,
    updated_at = CURRENT_TIMESTAMP
FROM market_data_backup_YYYYMMDD_HHMMSS backup
WHERE market_data.id = backup.id;
"""


def test_the_runbooks_manual_restore_works_as_written(mixed_market):
    before, rest = classes(mixed_market), ["updated_at"]
    full = whole_rows(mixed_market, without=rest)
    result = correct(mixed_market, **ALL_WRONG)
    assert len(changed_by(before, classes(mixed_market))) == result.changed > 0

    name = one(mixed_market, FIND)
    restored = mixed_market.execute(RESTORE.replace("market_data_backup_YYYYMMDD_HHMMSS", name))

    assert restored.rowcount == result.changed
    assert whole_rows(mixed_market, without=rest) == full


def test_a_backup_of_an_earlier_version_lacks_a_newer_column(market):
    """The correction goes on with it, and it is rolled back."""
    before, identity = classes(market), uuid4()
    correct(market, target_symbols=["AAPL"], correction_id=identity)
    (text,) = (r.text for r in sources.routines() if r.name == "_backup_columns")
    last = "'clock_timestamp()', true)"
    assert last in text
    market.execute(text.replace(last, f"{last},\n('changed_by', 'text', 'session_user', false)"))
    later = correct(market, target_symbols=["MSFT"])
    assert one(market, f"SELECT min(changed_by) = session_user FROM {later.backup_table}")
    for correction in (later.correction_id, identity):
        assert rollback(market, correction).status == "completed"
    assert classes(market) == before


def test_names_tell_the_time_in_utc_and_are_unique(market):
    market.execute("SET timezone = 'Asia/Tokyo'")
    began = one(market, "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISS')")
    names = [
        correct(market, target_symbols=[symbol]).backup_table for symbol in ("AAPL", "MSFT", "KO")
    ]
    ended = one(market, "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISS')")
    assert len(set(names)) == 3
    for name in names:
        schema, table = name.split(".")
        assert schema == "public"
        assert re.fullmatch(r"market_data_backup_\d{8}_\d{6}(_\d+)?", table)
        assert began <= table.removeprefix("market_data_backup_")[:15] <= ended


def test_a_backup_lies_beside_its_table_and_a_long_name_is_cut(market):
    market.execute(f'CREATE SCHEMA "Data"; CREATE TABLE "Data"."{"é" * 31}" (LIKE market_data);')
    market.execute(f'INSERT INTO "Data"."{"é" * 31}" SELECT * FROM market_data')
    call(
        market,
        "register_target",
        target="long",
        fact_table=f'"Data"."{"é" * 31}"',
        key_columns=["id"],
    )
    first = correct(market, target="long", target_symbols=["AAPL"])
    second = correct(market, target="long", target_symbols=["KO"])
    assert first.backup_table != second.backup_table
    for result in (first, second):
        assert result.backup_table.startswith('"Data".')
        assert one(market, f"SELECT count(*) FROM {result.backup_table}") == 10


def test_the_list_tells_what_can_still_be_undone(market):
    results = [correct(market, target_symbols=[symbol]) for symbol in ("AAPL", "MSFT", "KO")]
    rollback(market, results[0].correction_id)
    market.execute(f"DROP TABLE {results[1].backup_table}")

    listed = select(market, "list_backups")

    assert [(row.backup_table, row.status, row.records) for row in listed] == [
        (results[2].backup_table, "available", 10),
        (results[1].backup_table, "missing", 10),
        (results[0].backup_table, "rolled_back", 10),
    ]
    assert [row.execution_id for row in listed] == [r.correction_id for r in reversed(results)]
    assert [row.size_bytes is None for row in listed] == [False, True, False]
    assert select(market, "list_backups", target="nowhere") == []


BROKEN = {
    "dropped": "DROP TABLE {}",
    "a column dropped": "ALTER TABLE {} DROP new_value",
    "a column renamed": "ALTER TABLE {} RENAME asset_class TO old_class",
    "rows deleted": "DELETE FROM {} WHERE symbol = 'KO'",
}


@pytest.mark.parametrize("damage", BROKEN)
def test_a_missing_or_altered_backup_is_refused(market, damage):
    result = correct(market)
    values = classes(market)
    market.execute(BROKEN[damage].format(result.backup_table))
    with raises("ME007"):
        rollback(market, result.correction_id)
    assert classes(market) == values
    assert history(market, result.correction_id).status == "completed"


def test_a_renamed_backup_is_still_found(market):
    before = classes(market)
    result = correct(market)
    market.execute(f"ALTER TABLE {result.backup_table} RENAME TO put_aside")
    rollback(market, result.correction_id)
    assert classes(market) == before


def test_a_backup_restored_from_a_dump_serves_again(market):
    """As the hint of ME007 says."""
    before = classes(market)
    result = correct(market)
    market.execute(f"CREATE TABLE restored AS TABLE {result.backup_table}")
    market.execute(f"DROP TABLE {result.backup_table}")
    market.execute(
        "UPDATE etl.correction_backup SET relation = 'restored' WHERE execution_id = %s",
        (result.correction_id,),
    )
    rollback(market, result.correction_id)
    assert classes(market) == before


def test_a_backup_may_be_rewritten_between_two_rollbacks(mixed_market):
    before = classes(mixed_market)
    result = correct(mixed_market)
    first = rollback(mixed_market, result.correction_id, target_symbols=["AAPL"])
    mixed_market.execute(f"VACUUM FULL {result.backup_table}")

    second = rollback(mixed_market, result.correction_id)

    assert classes(mixed_market) == before
    assert (second.changed, second.skipped) == (result.changed - first.changed, first.changed)
    assert history(mixed_market, result.correction_id).status == "rolled_back"


def aged(db, *symbols):
    """Make corrections, the first 40 days ago, each of the next ten days later."""
    results = [correct(db, target_symbols=[symbol]) for symbol in symbols]
    for number, result in enumerate(results):
        db.execute(
            "UPDATE etl.correction_backup SET created_at = now() - %s * interval '1 day'"
            " WHERE execution_id = %s",
            (40 - 10 * number, result.correction_id),
        )
    return results


PURGES = [
    ({}, 2),
    ({"older_than": "35 days"}, 1),
    ({"older_than": "0"}, 2),
    ({"older_than": "0", "keep_last": 0}, 3),
    ({"older_than": "0", "keep_last": 3}, 0),
    ({"older_than": "1 year"}, 0),
]


@pytest.mark.parametrize(("options", "dropped"), PURGES, ids=str)
def test_a_purge_drops_the_old_and_keeps_the_last(market, options, dropped):
    results = aged(market, "AAPL", "MSFT", "KO")
    values = classes(market)

    rehearsal = call(market, "purge_backups", dry_run=True, **options)
    assert rehearsal.changed == dropped
    assert {row.status for row in select(market, "list_backups")} == {"available"}

    purge = call(market, "purge_backups", **options)

    assert (purge.status, purge.changed, purge.batches) == ("completed", dropped, dropped)
    there = [
        one(market, "SELECT to_regclass(%s) IS NOT NULL", result.backup_table) for result in results
    ]
    assert there == [False] * dropped + [True] * (3 - dropped)
    statuses = [row.status for row in reversed(select(market, "list_backups"))]
    assert statuses == ["purged"] * dropped + ["available"] * (3 - dropped)
    assert classes(market) == values
    for result, is_there in zip(results, there, strict=True):
        if is_there:
            assert rollback(market, result.correction_id).changed == 10
        else:
            with raises("ME005"):
                rollback(market, result.correction_id)
    audited = rows(market, "SELECT execution_id FROM etl.audit_log WHERE action = 'purge'")
    purged = {result.correction_id for result in results[:dropped]}
    assert purged | {purge.purge_id, rehearsal.purge_id} == {i for (i,) in audited}


def bookkeeping(db):
    """Return which operations still have batches or chunks."""
    return {
        identity
        for (identity,) in rows(
            db,
            "SELECT execution_id FROM etl.operation_batch"
            " UNION SELECT execution_id FROM etl.operation_chunk",
        )
    }


def test_a_purge_forgets_the_batches_of_what_cannot_be_undone(market):
    """Of old operations only, and never of one whose backup is there."""
    old, undone, kept, young = aged(market, "AAPL", "MSFT", "KO", "THYAO")
    assert young.changed == 0  # without a backup
    reverted = rollback(market, undone.correction_id)
    unsaved = correct(market, create_backup=False, target_symbols=["MSFT"])
    stopped = correct(market, create_backup=False, target_symbols=["SPY"])
    market.execute(
        "UPDATE public.etl_execution_history SET finished_at = now() - interval '40 days'"
        " WHERE execution_id <> %s",
        (young.correction_id,),
    )
    market.execute(
        "ALTER TABLE public.etl_execution_history DISABLE TRIGGER etl_execution_history_transition"
    )
    market.execute(
        "UPDATE public.etl_execution_history SET status = 'cancelled', error_code = 'ME012'"
        " WHERE execution_id = %s",
        (stopped.correction_id,),
    )
    before = bookkeeping(market)
    assert before >= {
        old.correction_id,
        undone.correction_id,
        reverted.rollback_id,
        kept.correction_id,
        unsaved.correction_id,
        stopped.correction_id,
        young.correction_id,
    }

    rehearsal = call(market, "purge_backups", older_than="25 days", dry_run=True)
    assert bookkeeping(market) >= before
    purge = call(market, "purge_backups", older_than="25 days")

    assert purge.changed == 2
    assert bookkeeping(market) == {
        kept.correction_id,
        stopped.correction_id,
        young.correction_id,
        rehearsal.purge_id,
        purge.purge_id,
    }
    assert history(market, purge.purge_id).result == {"operations_forgotten": 4}
    assert history(market, old.correction_id).records_changed == 10
    assert "batches_purged_at" in history(market, old.correction_id).result
    checks = select(market, "validate_corrections", correction_id=unsaved.correction_id)
    assert "batches add up" not in {check.check_name for check in checks}
    assert rollback(market, kept.correction_id).changed == 10
    again = call(market, "purge_backups", older_than="25 days")
    assert history(market, again.purge_id).result == {"operations_forgotten": 0}


def test_a_table_dropped_by_hand_does_not_stop_a_purge(market):
    results = aged(market, "AAPL", "MSFT")
    market.execute(f"DROP TABLE {results[0].backup_table}")
    assert call(market, "purge_backups", older_than="0", keep_last=0).status == "completed"
    assert {row.status for row in select(market, "list_backups")} == {"purged"}


@pytest.mark.parametrize(
    "options",
    [{"older_than": "-1 day"}, {"older_than": None}, {"keep_last": -1}, {"keep_last": None}],
    ids=str,
)
def test_wrong_options_are_refused(market, options):
    with raises("ME003"):
        call(market, "purge_backups", **options)
