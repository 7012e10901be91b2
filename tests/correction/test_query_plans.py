"""Guards on how the statements reach their rows, on 300,000 of them: nothing reads it all again."""

from __future__ import annotations

import re
from uuid import uuid4

import psycopg
import pytest
from sql_support import (
    access,
    call,
    classes,
    correct,
    history,
    in_background,
    one,
    rollback,
    rows,
    rows_read,
    select,
    wait_until,
)

ROWS = 300_000


@pytest.fixture(scope="module", params=["analyzed", "without statistics"])
def vast_template(pg_server, migrated_template, request):
    """300,000 narrow bars, every third one NULL: made once, for each test gets a copy."""
    with pg_server.clone(migrated_template.template_dbname) as db:
        fill(db)
        if request.param == "analyzed":
            db.execute("ANALYZE symbols, market_data")
        name = db.info.dbname
        db.close()  # nobody may be in a database that is copied
        yield name


def fill(db):
    db.execute(
        "CREATE TABLE symbols (ticker text, asset_class text);"
        "INSERT INTO symbols SELECT 'T' || n, 'STOCK' FROM generate_series(0, 499) n;"
        "CREATE TABLE market_data (id int PRIMARY KEY, symbol text, asset_class text)"
        " WITH (autovacuum_enabled = off);"
        "INSERT INTO market_data SELECT n, 'T' || n % 500, CASE WHEN n % 3 > 0 THEN 'STOCK' END"
        f" FROM generate_series(1, {ROWS}) n"
    )


@pytest.fixture
def vast_market(pg_server, vast_template):
    with pg_server.clone(vast_template) as db:
        yield db


@pytest.fixture(scope="module")
def begun_once(pg_server, vast_template):
    """A copy in which ten rows were corrected: (session, id of the correction)."""
    with pg_server.clone(vast_template) as db:
        yield db, correct(db, max_records_to_process=10).correction_id


@pytest.fixture
def begun_market(begun_once):
    """The same for each test, which plans only; what else it does is undone."""
    db, correction_id = begun_once
    with db.transaction(force_rollback=True):
        yield db, correction_id


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def plan_of(db, statement, types, *values):
    """Return the nodes of the plan that a statement gets with these parameters."""
    db.execute("SET plan_cache_mode = force_custom_plan")
    db.execute(f"PREPARE guarded ({', '.join(types)}) AS {statement}")
    given = ", ".join(
        db.execute("SELECT quote_nullable(%s::text)", (v,)).fetchone()[0] for v in values
    )
    try:
        ((plan,),) = db.execute(f"EXPLAIN (FORMAT JSON) EXECUTE guarded ({given})").fetchall()
        return list(nodes(plan[0]["Plan"]))
    finally:
        db.execute("DEALLOCATE guarded")


REST = "random() < 0.1 AND NOT etl._keep_duty_cycle(50)"


def correction_statement(
    db, correction_id, form, skips_locked=False, has_failures=False, rest=None
):
    return one(
        db,
        """
        SELECT etl._correction_statement(t, h.parameters, t.fact_table, b.relation, %s, %s, %s, %s)
          FROM public.etl_execution_history h
          JOIN etl.correction_target t USING (target)
          JOIN etl.correction_backup b USING (execution_id)
         WHERE h.execution_id = %s
        """,
        form,
        skips_locked,
        has_failures,
        rest,
        correction_id,
    )


def scans_of_fact_table(plan):
    return [
        node["Node Type"]
        for node in plan
        if node.get("Relation Name") == "market_data" and node["Node Type"] != "ModifyTable"
    ]


@pytest.mark.parametrize("form", ["blocks", "valued blocks"])
@pytest.mark.parametrize(
    ("has_failures", "rest"),
    [(False, None), (True, None), (False, REST)],
    ids=["plain", "failures", "rest"],
)
def test_a_batch_reads_its_own_blocks_only(begun_market, form, has_failures, rest):
    vast_market, correction_id = begun_market
    if has_failures:
        vast_market.execute(
            "INSERT INTO etl.failed_record (execution_id, key, sqlstate, message)"
            " VALUES (%s, '{\"id\": 1}', '23514', 'refused')",
            (correction_id,),
        )

    plan = plan_of(
        vast_market,
        correction_statement(vast_market, correction_id, form, False, has_failures, rest),
        ["uuid", "tid", "tid", "int", "bigint", "int"],
        correction_id,
        "(100,0)",
        "(110,0)",
        2,
        None,
        1000,
    )

    found, changed = scans_of_fact_table(plan)
    assert found == "Tid Range Scan"
    assert changed in ("Tid Range Scan", "Tid Scan")
    conditions = " ".join(node.get("Filter", "") + node.get("Join Filter", "") for node in plan)
    # Asked again of a newer version, which a scan by place alone is not.
    assert re.search(r"ctid = \w+\.row_location\) IS TRUE", conditions), conditions
    if rest:
        assert_it_rests_first(plan)


@pytest.mark.parametrize("skips_locked", [False, True])
def test_a_batch_of_single_rows_fetches_them_by_their_places(begun_market, skips_locked):
    vast_market, correction_id = begun_market
    places = (
        "{" + ",".join(f'"({block},{line})"' for block in (7, 8) for line in range(1, 90)) + "}"
    )

    plan = plan_of(
        vast_market,
        correction_statement(vast_market, correction_id, "rows", skips_locked),
        ["uuid", "tid[]", "tid", "int", "bigint"],
        correction_id,
        places,
        None,
        2,
        None,
    )

    assert scans_of_fact_table(plan) == ["Tid Scan", "Tid Scan"]


@pytest.mark.parametrize("rest", [None, REST], ids=["plain", "rest"])
def test_a_batch_of_null_rows_reads_its_own_blocks_only(begun_market, rest):
    vast_market, correction_id = begun_market
    statement = one(
        vast_market,
        "SELECT etl._null_statement(t, h.parameters, t.fact_table, b.relation, %s)"
        "  FROM public.etl_execution_history h JOIN etl.correction_target t USING (target)"
        "  JOIN etl.correction_backup b USING (execution_id)",
        rest,
    )

    plan = plan_of(
        vast_market,
        statement,
        ["uuid", "tid", "tid", "int", "bigint", "int"],
        correction_id,
        "(100,0)",
        "(110,0)",
        2,
        None,
        1000,
    )

    assert scans_of_fact_table(plan) == ["Tid Range Scan"]
    if rest:
        assert_it_rests_first(plan)


def assert_it_rests_first(plan):
    """The rest is part of the value, so it comes with every row that anything is asked of."""
    (scan,) = [node for node in plan if node["Node Type"] == "Tid Range Scan" and "Filter" in node]
    assert scan["Relation Name"] == "market_data"
    rested = (
        r"CASE WHEN \(\(random\(\) < '0.1'::double precision\)"
        r" AND \(NOT etl\._keep_duty_cycle\([^)]*\)\)\)"
    )
    others = re.sub(rested + r" THEN NULL::text ELSE asset_class END", "", scan["Filter"])
    assert others != scan["Filter"]
    assert "asset_class" not in others, others


@pytest.mark.parametrize("form", ["blocks", "rows"])
def test_no_index_leads_to_all_rows_in_every_batch(vast_market, form):
    """Statistics are from before 100,000 rows came without a class, and know of none."""
    vast_market.execute("UPDATE market_data SET asset_class = 'STOCK' WHERE asset_class IS NULL")
    vast_market.execute("CREATE INDEX by_class ON market_data (asset_class)")
    vast_market.execute("VACUUM (FULL, ANALYZE) market_data")
    correct(vast_market)
    options = {"batch_size": 2000, "adaptive": False}
    if form == "blocks":
        vast_market.execute("SET random_page_cost = 1000")
    vast_market.execute(
        "INSERT INTO market_data SELECT n, 'T' || n % 500"
        f" FROM generate_series({ROWS} + 1, {ROWS} + 100000) n"
    )
    before = rows_read(vast_market, "market_data")

    result = correct(vast_market, **options)

    assert (result.changed, result.quality_after) == (100_000, 100)
    known = history(vast_market, result.correction_id).result
    assert known["strategy"] == ("index" if form == "rows" else "blocks")
    assert result.batches >= 40
    assert rows_read(vast_market, "market_data") - before < 3 * (ROWS + 100_000)


def test_a_correction_and_its_undo_never_scan_the_table(vast_market):
    """Measure, correct, sweep, undo: all by block ranges and places, none by an index."""
    before = dict(rows(vast_market, "SELECT id, asset_class FROM market_data"))
    accesses = access(vast_market, "market_data")

    result = correct(vast_market, batch_size=5000)
    undone = rollback(vast_market, result.correction_id, batch_size=5000)

    assert access(vast_market, "market_data") == accesses
    assert result.changed == undone.changed == ROWS // 3
    assert history(vast_market, result.correction_id).result["strategy"] == "blocks"
    assert dict(rows(vast_market, "SELECT id, asset_class FROM market_data")) == before


def test_rows_that_moved_since_are_found_by_the_index_of_the_key(vast_market):
    correct(vast_market, max_records_to_process=50_000)  # the next is in the middle of the keys
    result = correct(vast_market, max_records_to_process=3000)
    vast_market.execute("VACUUM FULL market_data")  # every remembered place is wrong now
    scans, searches = access(vast_market, "market_data")

    undone = rollback(vast_market, result.correction_id, batch_size=100, adaptive=False)

    after, searched = access(vast_market, "market_data")
    assert (after, undone.changed) == (scans, 3000)
    assert searched - searches >= 3000


BY_NULL = "CREATE INDEX by_null ON market_data (symbol) WHERE asset_class IS NULL"


@pytest.mark.parametrize(
    "answers",
    [
        ["CREATE INDEX by_class ON market_data (asset_class)"],
        [
            "CREATE INDEX by_blank ON market_data (symbol)"
            " WHERE asset_class IS NULL OR asset_class = ''"
        ],
        [BY_NULL, "CREATE INDEX by_empty ON market_data (symbol) WHERE asset_class = ''"],
        [BY_NULL, "ALTER TABLE market_data ADD CHECK (asset_class <> '')"],
    ],
    ids=["value", "blank values", "NULL and empty values", "NULL, and a constraint"],
)
def test_a_few_wrong_rows_cost_what_they_cost(vast_market, answers):
    """A daily run visits the wrong rows only, where indexes and constraints answer for the rest."""
    read = a_daily_run(vast_market, answers, empty_is_answered=True)
    assert read < 2000


def test_without_an_answer_for_empty_values_the_table_is_read_once(vast_market):
    read = a_daily_run(vast_market, [BY_NULL], empty_is_answered=False)
    assert ROWS <= read < ROWS + 2000
    plan = [line for line in select(vast_market, "preview_correction") if line.section == "plan"]
    (strategy,) = [line for line in plan if line.item == "strategy"]
    assert strategy.detail.startswith("index: finding the NULL rows costs")
    assert "WHERE asset_class = ''" in strategy.mitigation


def test_where_an_index_finds_empty_values_nothing_is_read_for_them(vast_market):
    """One index answers both searches: their cost counts once."""
    correct(vast_market)
    vast_market.execute(
        "CREATE INDEX by_blank ON market_data (symbol)"
        " WHERE asset_class IS NULL OR asset_class = ''"
    )
    make_null(vast_market, 220)

    result = correct(vast_market)

    known = history(vast_market, result.correction_id).result
    assert (result.changed, known["strategy"], known["reads_for_empty"]) == (220, "index", False)


def make_null(db, count):
    """Take the class of so many rows away; statistics are of all rows, not of a lucky sample."""
    db.execute("UPDATE market_data SET asset_class = NULL WHERE id <= %s", (count,))
    db.execute("SET default_statistics_target = 1000")
    db.execute("VACUUM ANALYZE market_data")


def a_daily_run(db, answers, *, empty_is_answered):
    """Correct 100 of the rows, all others being right; return how many rows were read."""
    correct(db)
    for answer in answers:
        db.execute(answer)
    make_null(db, 100)
    scans, _ = access(db, "market_data")
    before = rows_read(db, "market_data")

    result = correct(db)

    assert (result.changed, result.status, result.quality_after) == (100, "completed", 100)
    assert history(db, result.correction_id).result["reads_for_empty"] != empty_is_answered
    assert access(db, "market_data")[0] == scans
    return rows_read(db, "market_data") - before


def test_an_index_is_used_after_all_where_few_rows_are_left(vast_market):
    """Statistics say that a third is NULL; the measurement meets 20, and reads the table once."""
    vast_market.execute(BY_NULL)
    vast_market.execute("ANALYZE market_data")
    vast_market.execute("UPDATE market_data SET asset_class = 'STOCK' WHERE id > 60 AND id % 3 = 0")
    before = rows_read(vast_market, "market_data")

    result = correct(vast_market)

    assert (result.changed, result.status, result.quality_after) == (20, "completed", 100)
    known = history(vast_market, result.correction_id)
    assert (known.result["strategy"], "measuring" in known.phase_timings) == ("index", True)
    assert "for 20 counted" in known.result["strategy_reason"]
    assert ROWS <= rows_read(vast_market, "market_data") - before < ROWS + 2000


@pytest.mark.parametrize("vast_template", ["analyzed"], indirect=True)
@pytest.mark.parametrize("vacuums", [1, 2])
def test_a_sweep_goes_on_by_index_where_it_has_left_few_rows(vast_market, vacuums):
    """An application keeps writing: after a vacuum what is left is looked up, not read again.

    One vacuum may have begun before the rows were corrected; of two the second has not.
    """
    vast_market.execute(BY_NULL)
    vast_market.execute("CREATE INDEX ON market_data (symbol) WHERE asset_class = ''")
    identity = uuid4()
    vast_market.execute(
        "CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
        " UPDATE etl.operation_control SET request = 'pause'"
        "  WHERE execution_id = new.execution_id; RETURN NULL; END$$;"
        "CREATE TRIGGER pause AFTER UPDATE OF next_item ON etl.operation_chunk FOR EACH ROW"
        " WHEN (new.pass = 2) EXECUTE FUNCTION pause()"
    )
    first = correct(vast_market, correction_id=identity, batch_size=5000, adaptive=False)
    assert (first.status, history(vast_market, identity).phase) == ("paused", "sweeping")
    vast_market.execute("DROP TRIGGER pause ON etl.operation_chunk")
    for _ in range(vacuums):
        vast_market.execute("VACUUM ANALYZE market_data")
    vast_market.execute(
        "INSERT INTO market_data SELECT -n, 'T1', NULL FROM generate_series(1, 1000) n"
    )
    vast_market.execute(f"UPDATE market_data SET asset_class = NULL WHERE id > {ROWS} - 100")
    reads = rows_read(vast_market, "market_data")

    result = call(vast_market, "resume_correction", correction_id=identity)

    known = history(vast_market, identity)
    assert (result.status, result.skipped, result.quality_after) == ("completed", 0, 100)
    assert result.changed == ROWS // 3 + 1100
    assert known.result["strategy"] == ("index" if vacuums == 2 else "blocks")
    if vacuums == 2:
        assert known.result["strategy_reason"].startswith("after blocks: finding the ")
        assert rows_read(vast_market, "market_data") - reads < 1.5 * ROWS
    assert one(vast_market, "SELECT count(*) FROM market_data WHERE asset_class IS NULL") == 0

    undone = rollback(vast_market, identity)

    twice = len(
        range(3 * (ROWS // 3), ROWS - 100, -3)
    )  # corrected before and after they were set back
    assert (undone.status, undone.changed) == ("completed", result.changed - twice)
    left = "SELECT count(*) FROM market_data WHERE asset_class IS NULL"
    assert one(vast_market, left) == result.changed - twice


@pytest.mark.parametrize("vast_template", ["analyzed"], indirect=True)
def test_held_rows_that_come_back_elsewhere_are_found(vast_market, pg_server):
    """Only the chunks of held rows are gone through again; one of them has moved out of its chunk.

    An index finds what is NULL, and would be used for the rest if that could be trusted.
    """
    vast_market.execute(BY_NULL)
    vast_market.execute(
        f"UPDATE market_data SET asset_class = CASE WHEN id = 6 THEN '' ELSE 'STOCK' END"
        f" WHERE asset_class IS NULL AND (id = 6 OR id > {ROWS} / 2)"
    )
    dsn = pg_server.dsn(vast_market.info.dbname)
    holder = psycopg.connect(dsn)
    holder.execute("SELECT FROM market_data WHERE id = 3 FOR UPDATE")
    holder.execute("UPDATE market_data SET symbol = symbol WHERE id = 6")
    identity = uuid4()
    worker = psycopg.connect(dsn, autocommit=True)
    waits = "SELECT count(*) FROM etl.operation_worker WHERE waiting_for LIKE 'rows that other%'"
    with (
        worker,
        in_background(
            correct, worker, correction_id=identity, lock_timeout="1 s", max_retries=50
        ) as future,
    ):
        wait_until(lambda: one(vast_market, waits) > 0)
        vast_market.execute("VACUUM market_data")
        vast_market.execute("VACUUM market_data")
        holder.commit()
    holder.close()
    assert (future.result().status, future.result().skipped) == ("completed", 0)
    wrong = "SELECT count(*) FROM market_data WHERE coalesce(asset_class, '') = ''"
    assert one(vast_market, wrong) == 0


@pytest.mark.parametrize("on_conflict", ["keep", "abort"])
def test_rows_that_have_moved_are_looked_up_by_their_key(vast_market, on_conflict):
    """At default settings, in batches of thousands: no batch reads the table."""
    correction_id = correct(vast_market).correction_id
    vast_market.execute("UPDATE market_data SET symbol = symbol WHERE asset_class = 'STOCK'")
    scans, _ = access(vast_market, "market_data")

    result = rollback(vast_market, correction_id, on_conflict=on_conflict)

    assert (result.status, result.changed) == ("completed", ROWS // 3)
    assert access(vast_market, "market_data")[0] == scans


def test_pieces_without_wrong_rows_are_not_gone_through_again(vast_market):
    """Without an index: measured once, corrected where there are any, swept once.

    A batch looks for NULL and for other values one after the other; all chunks would be 4 * ROWS.
    """
    vast_market.execute(f"UPDATE market_data SET asset_class = 'STOCK' WHERE id <= {ROWS} * 0.9")
    vast_market.execute("VACUUM (FULL, ANALYZE) market_data")
    before = rows_read(vast_market, "market_data")

    result = correct(vast_market, batch_size=5000)

    assert (result.changed, result.status, result.quality_after) == (ROWS // 30, "completed", 100)
    assert history(vast_market, result.correction_id).result["strategy"] == "blocks"
    assert 2 * ROWS < rows_read(vast_market, "market_data") - before < 3 * ROWS


def test_looking_never_touches_the_table(market):
    """Status, health, metrics, history and backups read what was stored."""
    result = correct(market)
    rollback(market, result.correction_id, target_symbols=["KO"])
    before = access(market, "market_data")

    for function in (
        "correction_status",
        "correction_health",
        "correction_metrics",
        "execution_history",
        "list_backups",
    ):
        assert select(market, function)

    assert access(market, "market_data") == before
    assert len(classes(market)) == 140
    call(market, "purge_backups", older_than="0", keep_last=0)
    assert access(market, "market_data")[0] == before[0] + 1  # classes() itself
