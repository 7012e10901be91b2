"""rollback_correction(): whole, in parts, again and again, and with somebody in between."""

from __future__ import annotations

import re
from decimal import Decimal
from uuid import uuid4

import pytest
from sql_support import (
    ALL_WRONG,
    call,
    changed_by,
    classes,
    correct,
    expected_classes,
    history,
    in_background,
    one,
    raises,
    rollback,
    rows,
    select,
    select_one,
    wait_until,
    whole_rows,
)


def outcomes(db, rollback_id, **options):
    """Return the outcome of every row of a rollback, by key."""
    listed = select(db, "rollback_outcomes", rollback_id=rollback_id, **options)
    assert len({row.key["id"] for row in listed}) == len(listed)
    return {row.key["id"]: row for row in listed}


@pytest.fixture
def corrected(mixed_market):
    """Return (db, values before, values after, result of the correction)."""
    before = classes(mixed_market)
    result = correct(mixed_market, batch_size=100, adaptive=False, **ALL_WRONG)
    return mixed_market, before, classes(mixed_market), result


@pytest.mark.parametrize("on_conflict", ["keep", "force", "abort"])
@pytest.mark.parametrize("batch_size", [1, 77, 1_000_000])
def test_a_whole_rollback_restores_every_value(corrected, on_conflict, batch_size):
    db, before, after, correction = corrected

    result = rollback(
        db, correction.correction_id, batch_size=batch_size, adaptive=False, on_conflict=on_conflict
    )

    assert classes(db) == before
    assert (result.status, result.changed) == ("completed", correction.changed)
    assert (result.skipped, result.failed) == (0, 0)
    assert history(db, correction.correction_id).status == "rolled_back"
    listed = outcomes(db, result.rollback_id)
    assert listed.keys() == changed_by(before, after).keys()
    for key, row in listed.items():
        assert (row.outcome, row.old_value, row.new_value) == ("restored", before[key], after[key])
        assert row.current_value == before[key]


def test_only_the_value_and_the_touch_column_change(corrected):
    db, _, _, correction = corrected
    full = whole_rows(db)
    rollback(db, correction.correction_id)
    for old, new in changed_by(full, whole_rows(db)).values():
        assert {name for name in old if old[name] != new[name]} == {"asset_class", "updated_at"}


def test_the_quality_figures_follow(corrected):
    db, _, _, correction = corrected
    result = rollback(db, correction.correction_id)
    measured = select_one(db, "analyze_asset_classes").data_quality_score
    assert result.quality_before == correction.quality_after
    assert result.quality_after == measured == correction.quality_before


def test_the_quality_of_a_partial_rollback_is_that_of_the_table(corrected):
    db, _, _, correction = corrected
    result = rollback(db, correction.correction_id, target_symbols=["AAPL", "KO"])
    measured = select_one(db, "analyze_asset_classes").data_quality_score
    assert result.quality_after == pytest.approx(measured, abs=Decimal("0.02"))
    assert result.quality_after < correction.quality_after


def test_by_symbols(corrected):
    db, before, after, correction = corrected
    chosen = {str(key) for (key,) in rows(db, "SELECT id FROM market_data WHERE symbol = 'KO'")}

    result = rollback(db, correction.correction_id, target_symbols=["KO", "no such symbol"])

    expected = {key: before[key] if key in chosen else after[key] for key in after}
    assert classes(db) == expected
    assert result.changed == len(changed_by(after, expected)) > 50
    assert history(db, correction.correction_id).status == "partially_rolled_back"
    assert outcomes(db, result.rollback_id).keys() == changed_by(after, expected).keys()


def test_by_batches(corrected):
    db, before, after, correction = corrected
    numbers = [3, 4, 9999]
    chosen = {
        str(key)
        for (key,) in rows(
            db, f"SELECT id FROM {correction.backup_table} WHERE batch_number = ANY (%s)", numbers
        )
    }

    result = rollback(db, correction.correction_id, batch_numbers=numbers)

    assert classes(db) == {key: before[key] if key in chosen else after[key] for key in after}
    assert result.changed == len(chosen) > 0
    assert history(db, correction.correction_id).status == "partially_rolled_back"


def test_part_by_part_until_nothing_is_left(corrected):
    db, before, _, correction = corrected
    parts = [
        {"target_symbols": ["AAPL"]},
        {"batch_numbers": [2, 3, 4]},
        {"target_symbols": ["AAPL", "KO", "SPY"]},
        {"target_symbols": ["MSFT"], "batch_numbers": [5, 6]},
        {},
    ]
    done = [rollback(db, correction.correction_id, **part).changed for part in parts]

    assert classes(db) == before
    assert sum(done) == correction.changed
    assert min(done) > 0
    assert history(db, correction.correction_id).status == "rolled_back"
    with raises("ME005"):
        rollback(db, correction.correction_id)


def test_a_part_rolled_back_twice_is_found_done(corrected):
    db, _, _, correction = corrected
    rollback(db, correction.correction_id, target_symbols=["AAPL"])
    values = classes(db)
    again = rollback(db, correction.correction_id, target_symbols=["AAPL"])
    assert (again.status, again.changed, again.skipped) == ("completed", 0, 0)
    assert classes(db) == values


@pytest.mark.parametrize("part", [{}, {"target_symbols": ["AAPL"]}], ids=str)
def test_a_dry_run_changes_nothing(corrected, part):
    db, _, after, correction = corrected

    rehearsal = rollback(db, correction.correction_id, dry_run=True, **part)

    assert classes(db) == after
    assert history(db, correction.correction_id).status == "completed"
    assert rehearsal.changed == rollback(db, correction.correction_id, **part).changed


@pytest.fixture
def disturbed(corrected):
    """Rows that others have moved, changed, set back and deleted since; by what was done."""
    db, before, after, correction = corrected
    keys = sorted(changed_by(before, after))
    done = {
        "moved": keys[:40],
        "changed": keys[40:60],
        "emptied": keys[60:70],
        "set back": keys[70:100],
        "deleted": keys[100:115],
    }
    db.execute("UPDATE market_data SET volume = 7 WHERE id::text = ANY (%s)", (done["moved"],))
    db.execute(
        "UPDATE market_data SET asset_class = 'THEIRS' WHERE id::text = ANY (%s)",
        (done["changed"],),
    )
    db.execute(
        "UPDATE market_data m SET asset_class = ' ' WHERE id::text = ANY (%s)", (done["emptied"],)
    )
    db.execute(
        f"UPDATE market_data m SET asset_class = b.asset_class FROM {correction.backup_table} b"
        " WHERE b.id = m.id AND m.id::text = ANY (%s)",
        (done["set back"],),
    )
    db.execute("DELETE FROM market_data WHERE id::text = ANY (%s)", (done["deleted"],))
    db.execute("VACUUM market_data")  # others may now get the places that were left
    db.execute(
        "INSERT INTO market_data (symbol, timeframe, timestamp, asset_class)"
        " SELECT 'KO', '9m', now() + n * interval '9 minutes', 'STOCK'"
        "   FROM generate_series(1, 50) n"
    )
    return db, before, classes(db), correction, done


@pytest.mark.parametrize("on_conflict", ["keep", "force"])
@pytest.mark.parametrize("batch_size", [30, 100_000])
def test_rows_that_others_have_written_since(disturbed, on_conflict, batch_size):
    db, before, met, correction, done = disturbed
    theirs = {*done["changed"], *done["emptied"]}
    kept = theirs if on_conflict == "keep" else set()

    result = rollback(
        db,
        correction.correction_id,
        on_conflict=on_conflict,
        batch_size=batch_size,
        adaptive=False,
    )

    assert classes(db) == {
        key: value if key in kept or key not in before else before[key]
        for key, value in met.items()
    }
    listed = outcomes(db, result.rollback_id)
    expected = dict.fromkeys(listed, "restored")
    expected |= dict.fromkeys(theirs, "kept" if on_conflict == "keep" else "forced")
    expected |= dict.fromkeys(done["set back"], "unchanged")
    expected |= dict.fromkeys(done["deleted"], "missing")
    assert {key: row.outcome for key, row in listed.items()} == expected
    assert len(listed) == correction.changed
    for key, row in listed.items():
        if row.outcome in ("kept", "forced"):
            assert row.current_value == met[key]
    assert result.changed == sum(what in ("restored", "forced") for what in expected.values())
    assert result.skipped == correction.changed - result.changed
    by_outcome = history(db, result.rollback_id).result["outcomes"]
    assert by_outcome == {
        what: list(expected.values()).count(what) for what in set(expected.values())
    } | {"restored": list(expected.values()).count("restored")}
    assert (result.status, history(db, correction.correction_id).status) == (
        ("completed_with_errors", "partially_rolled_back") if kept else ("completed", "rolled_back")
    )


def test_outcomes_can_be_restricted(disturbed):
    db, _, _, correction, done = disturbed
    rollback_id = rollback(db, correction.correction_id).rollback_id
    assert outcomes(db, rollback_id, outcome="missing").keys() == set(done["deleted"])


def test_abort_changes_nothing_when_there_are_conflicts(disturbed):
    db, _, met, correction, _ = disturbed
    versions = rows(db, "SELECT id, xmin::text FROM market_data")

    with raises("ME006") as caught:
        rollback(db, correction.correction_id, on_conflict="abort")

    assert "30 rows" in str(caught.value)
    command = f"etl.rollback_correction('{correction.correction_id}', on_conflict => 'keep')"
    assert command in caught.value.diag.message_hint
    assert classes(db) == met
    assert rows(db, "SELECT id, xmin::text FROM market_data") == versions
    assert history(db, correction.correction_id).status == "completed"


def test_an_abort_advises_about_the_same_rows_only(market):
    correction = correct(market)
    of_aapl = "WHERE symbol = 'AAPL'"
    market.execute(f"UPDATE market_data SET asset_class = 'ETF' {of_aapl}")
    met = classes(market)

    with raises("ME006") as caught:
        rollback(
            market, correction.correction_id, on_conflict="abort", target_symbols=["AAPL", "O'X"]
        )

    advised = re.search(r"CALL etl\.rollback_correction\(.*?\)", caught.value.diag.message_hint)
    assert advised is not None
    market.execute(advised[0])
    assert classes(market) == met
    assert history(market, correction.correction_id).records_changed == 30
    assert one(market, "SELECT count(*) FROM etl.rollback_exception") == one(
        market, f"SELECT count(*) FROM {correction.backup_table} {of_aapl}"
    )


def test_an_abort_that_is_resumed_counts_again(disturbed):
    """What had been changed is as the correction left it: nothing stands in the way any more."""
    db, before, met, correction, done = disturbed
    rollback_id = uuid4()
    with raises("ME006"):
        rollback(db, correction.correction_id, rollback_id=rollback_id, on_conflict="abort")
    db.execute(
        f"UPDATE market_data m SET asset_class = b.new_value FROM {correction.backup_table} b"
        " WHERE b.id = m.id AND m.id::text = ANY (%s)",
        (done["changed"] + done["emptied"],),
    )

    result = call(db, "resume_operation", execution_id=rollback_id)

    assert result.status == "completed"
    assert classes(db) == {key: before.get(key, value) for key, value in met.items()}


def test_an_abort_that_was_paused_looks_at_every_row_again(corrected, session):
    """Also at those that it had found as the correction left them."""
    db, _, after, correction = corrected
    rollback_id, worker = uuid4(), session()
    slowly = {"batch_size": 1, "adaptive": False, "pause_between_batches": "1 s"}
    options = {"rollback_id": rollback_id, "on_conflict": "abort", **slowly}
    with in_background(rollback, worker, correction.correction_id, **options) as future:
        wait_until(
            lambda: one(
                db,
                "SELECT max(next_item) FROM etl.operation_chunk WHERE execution_id = %s",
                rollback_id,
            )
        )
        select(db, "pause_operation", execution_id=rollback_id)
        assert future.result(timeout=120).status == "paused"
    assert history(db, rollback_id).phase == "checking"
    first = one(db, f"SELECT id::text FROM {correction.backup_table} ORDER BY ctid LIMIT 1")
    db.execute("UPDATE market_data SET asset_class = 'ELSE' WHERE id::text = %s", (first,))

    select(db, "tune_operation", execution_id=rollback_id, pause_between_batches="0")
    with raises("ME006") as caught:
        call(db, "resume_operation", execution_id=rollback_id)

    assert "1 rows" in str(caught.value)
    assert classes(db) == after | {first: "ELSE"}


def test_what_was_kept_can_be_forced_later(disturbed):
    db, before, met, correction, done = disturbed
    rollback(db, correction.correction_id)

    result = rollback(db, correction.correction_id, on_conflict="force")

    assert result.changed == len(done["changed"]) + len(done["emptied"])
    assert classes(db) == {key: before.get(key, value) for key, value in met.items()}
    assert history(db, correction.correction_id).status == "rolled_back"


def test_no_measurement_is_made_up_where_rows_were_forced(market):
    """What they held is not known, so nothing can be computed from it."""
    correction = correct(market)
    market.execute("UPDATE market_data SET asset_class = 'ETF' WHERE symbol = 'AAPL'")
    met = select_one(market, "analyze_asset_classes")
    assert met.mismatched_records > 0
    result = rollback(
        market, correction.correction_id, on_conflict="force", target_symbols=["AAPL"]
    )
    newest = "SELECT analysis_id FROM etl.analysis ORDER BY analyzed_at DESC LIMIT 1"
    assert (result.quality_before, result.quality_after) == (met.data_quality_score, None)
    assert one(market, newest) == met.analysis_id
    now = select_one(market, "analyze_asset_classes")
    assert met.mismatched_records - now.mismatched_records == result.changed


def test_a_row_that_took_the_place_of_another_is_not_touched(market):
    """The remembered place is compared with the key before it is trusted."""
    result = correct(market, target_symbols=["AAPL"])
    key, place = rows(market, f"SELECT id, row_location FROM {result.backup_table}")[0]
    market.execute("DELETE FROM market_data WHERE id = %s", (key,))
    market.execute("VACUUM market_data")
    market.execute(
        "INSERT INTO market_data (symbol, timeframe, timestamp, asset_class)"
        " SELECT 'AAPL', '1m', now() + n * interval '1 minute', 'STOCK'"
        "   FROM generate_series(1, 30) n"
    )
    taken = "SELECT id FROM market_data WHERE ctid = %s AND timeframe = '1m'"
    other = one(market, taken, place)

    undone = rollback(market, result.correction_id)

    assert (undone.changed, undone.skipped) == (9, 1)
    assert one(market, "SELECT asset_class FROM market_data WHERE id = %s", other) == "STOCK"


def test_a_rewritten_table_is_restored_by_key(corrected):
    db, before, _, correction = corrected
    db.execute("CLUSTER market_data USING market_data_pkey")
    result = rollback(db, correction.correction_id, batch_size=100)
    assert classes(db) == before
    assert result.changed == correction.changed


def test_a_correction_that_stopped_half_way(mixed_market):
    before = classes(mixed_market)
    mixed_market.execute(
        "ALTER TABLE market_data ADD CHECK (asset_class <> 'STOCK' OR timeframe = '1D') NOT VALID"
    )
    with raises("ME009"):
        correct(mixed_market, batch_size=100, adaptive=False, max_error_rate=1)
    correction_id = one(mixed_market, "SELECT execution_id FROM public.etl_execution_history")
    assert history(mixed_market, correction_id).status == "failed"
    met = changed_by(before, classes(mixed_market))

    result = rollback(mixed_market, correction_id)

    assert result.changed == len(met) > 0
    assert classes(mixed_market) == before
    assert history(mixed_market, correction_id).status == "rolled_back"


def test_an_undo_needs_no_symbols(corrected):
    db, before, _, correction = corrected
    db.execute("DROP TABLE symbols")
    result = rollback(db, correction.correction_id)
    assert (result.status, result.changed) == ("completed", correction.changed)
    assert classes(db) == before


@pytest.fixture
def cancelled_midway(session):
    """Return a function that runs a procedure and cancels it after its first batches."""

    def run(db, procedure, identity, **options):
        slowly = {"batch_size": 50, "adaptive": False, "pause_between_batches": "300 ms"}
        with in_background(call, session(), procedure, **options, **slowly) as future:
            wait_until(lambda: getattr(history(db, identity), "records_changed", 0) > 0)
            select(db, "cancel_operation", execution_id=identity)
        assert future.exception().sqlstate == "ME012"
        return history(db, identity).records_changed

    return run


def test_what_a_correction_did_after_its_rollback_began_is_not_overlooked(
    mixed_market, cancelled_midway
):
    """The rollback knows nothing of these rows: it is refused to go on, and another one begins."""
    before = classes(mixed_market)
    identity, first = uuid4(), uuid4()
    cancelled_midway(mixed_market, "correct_asset_classes", identity, correction_id=identity)
    options = {"correction_id": identity, "rollback_id": first}
    assert cancelled_midway(mixed_market, "rollback_correction", first, **options) > 0
    select(mixed_market, "tune_operation", execution_id=identity, pause_between_batches="0")
    call(mixed_market, "resume_correction", correction_id=identity)
    assert classes(mixed_market) == expected_classes(mixed_market)

    with raises("ME005", "cannot be resumed") as caught:
        call(mixed_market, "resume_correction", correction_id=first)
    mixed_market.execute(caught.value.diag.message_hint.removeprefix("Start another rollback: "))

    assert classes(mixed_market) == before
    assert history(mixed_market, identity).status == "rolled_back"


def test_what_an_unfinished_rollback_did_counts_in_the_quality(corrected, cancelled_midway):
    db, before, _, correction = corrected
    first = uuid4()
    options = {"correction_id": correction.correction_id, "rollback_id": first}
    done = cancelled_midway(db, "rollback_correction", first, **options)
    assert 0 < done < correction.changed

    second = rollback(db, correction.correction_id)

    assert second.changed == correction.changed - done
    assert classes(db) == before
    assert second.quality_after == select_one(db, "analyze_asset_classes").data_quality_score


NOT_POSSIBLE = {
    "a dry run": {"dry_run": True},
    "without backup": {"create_backup": False},
    "nothing changed": {"target_symbols": ["XAUUSD"]},
}


@pytest.mark.parametrize("case", NOT_POSSIBLE)
def test_what_cannot_be_rolled_back(market, case):
    result = correct(market, **NOT_POSSIBLE[case])
    values = classes(market)
    with raises("ME005"):
        rollback(market, result.correction_id)
    assert classes(market) == values


def test_a_rollback_is_no_correction(market):
    result = correct(market)
    undone = rollback(market, result.correction_id)
    with raises("ME002"):
        rollback(market, undone.rollback_id)


def test_the_row_of_a_rollback_tells_what_it_is_about(market):
    correction = correct(market)
    result = rollback(market, correction.correction_id, reason="wrong listings")
    row = history(market, result.rollback_id)
    assert (row.operation, row.subject_execution_id) == ("rollback", correction.correction_id)
    assert (row.reason, row.backup_table) == ("wrong listings", correction.backup_table)
    assert (row.records_total, row.records_changed, row.progress_percent) == (30, 30, 100)


def test_after_a_rollback_it_can_be_corrected_again(corrected):
    db, before, after, correction = corrected
    rollback(db, correction.correction_id)
    again = correct(db, **ALL_WRONG)
    assert again.changed == correction.changed
    assert classes(db) == after
    rollback(db, again.correction_id)
    assert classes(db) == before


def test_what_a_trigger_suppresses_is_kept_and_listed(market):
    before = classes(market)
    result = correct(market)
    corrected = classes(market)
    market.execute(
        "CREATE FUNCTION suppress() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;"
        "CREATE TRIGGER suppress BEFORE UPDATE ON market_data FOR EACH ROW"
        " WHEN (old.symbol = 'AAPL') EXECUTE FUNCTION suppress()"
    )

    undone = rollback(market, result.correction_id)

    kept = {key for key, value in classes(market).items() if value != before[key]}
    assert len(kept) == 10
    assert all(classes(market)[key] == corrected[key] for key in kept)
    assert (undone.status, undone.changed) == ("completed_with_errors", result.changed - 10)
    listed = outcomes(market, undone.rollback_id)
    assert {key for key, row in listed.items() if row.outcome == "kept"} == kept
    assert {row.outcome for key, row in listed.items() if key not in kept} == {"restored"}
    assert history(market, result.correction_id).status == "partially_rolled_back"
