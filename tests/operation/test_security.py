"""Who may do what: group roles without any right on the tables, and hostile surroundings."""

from __future__ import annotations

import pytest
from sql_support import (
    ALL_WRONG,
    call,
    classes,
    correct,
    expected_classes,
    history,
    one,
    raises,
    rollback,
    rows,
    select,
    select_one,
)

READS = [
    "analyze_asset_classes",
    "preview_correction",
    "validate_corrections",
    "correction_status",
    "correction_health",
    "correction_metrics",
    "execution_history",
    "list_backups",
    "reference_data",
    "validate_reference_data",
    "bootstrap_status",
]


def test_a_reader_looks_at_everything(market, login):
    undone = rollback(market, correct(market).correction_id)
    reader = login("etl_reader")
    for function in READS:
        assert select(reader, function), function
    assert len(select(reader, "rollback_outcomes", rollback_id=undone.rollback_id)) == 30
    for table in ("public.etl_execution_history", "etl.audit_log", undone.backup_table):
        assert rows(reader, f"SELECT * FROM {table}"), table
    with raises("42501"):
        rows(reader, "SELECT * FROM market_data")


@pytest.mark.parametrize(
    "statement",
    [
        "CALL etl.correct_asset_classes()",
        "CALL etl.correct_asset_classes(dry_run => true)",
        "CALL etl.rollback_correction('{id}')",
        "CALL etl.resume_correction('{id}')",
        "CALL etl.join_correction('{id}')",
        "CALL etl.retry_failed_records('{id}')",
        "SELECT etl.cancel_operation('{id}')",
        "SELECT etl.pause_operation('{id}')",
        "SELECT etl.tune_operation('{id}', batch_size => 1)",
        "CALL etl.purge_backups()",
        "CALL etl.rollback_operation('{id}')",
        "CALL etl.bootstrap_reference_data()",
        "CALL etl.bootstrap_reference_data(dry_run => true)",
        "CALL etl.create_platform_tables()",
        "SELECT etl.set_column_default('public.symbols', 'venue', 'x')",
        "CALL etl.register_target('x', 'public.market_data')",
        "UPDATE etl.threshold SET limit_value = 0",
        "UPDATE public.etl_execution_history SET reason = 'mine'",
        "DELETE FROM etl.audit_log",
        "SELECT etl._start_correction(NULL, '{{}}', NULL)",
    ],
)
def test_a_reader_changes_nothing(calm_market, calm_reader, statement):
    values = classes(calm_market)
    ((identity, before),) = rows(
        calm_market, "SELECT execution_id, to_jsonb(h) FROM public.etl_execution_history h"
    )
    with raises("42501"):
        calm_reader.execute(statement.format(id=identity))
    assert classes(calm_market) == values
    assert one(calm_market, "SELECT to_jsonb(h) FROM public.etl_execution_history h") == before


def test_a_sample_run_is_for_operators(market, login):
    values = classes(market)
    with raises("42501") as caught:
        select(login("etl_reader"), "preview_correction", sample_run=True)
    assert caught.value.diag.message_hint
    operator = login("etl_operator")
    assert select(operator, "preview_correction", sample_run=True)
    assert one(market, "SELECT actor FROM etl.audit_log WHERE action = 'sample_run'") == (
        operator.info.user
    )
    assert classes(market) == values


def test_what_a_role_may_not_start_it_may_not_resume_or_join(market, login):
    correct(market)
    admin, operator = login("etl_admin"), login("etl_operator")
    identity = one(admin, "SELECT etl._start_purge(NULL, '0 days', false, 0)")

    for procedure in ("resume_operation", "join_operation"):
        with raises("42501", "permission denied for purge"):
            call(operator, procedure, execution_id=identity)
    assert history(market, identity).status == "running"
    assert (
        rows(market, "SELECT FROM etl.operation_worker w WHERE w.execution_id = %s", identity) == []
    )

    assert call(admin, "resume_operation", execution_id=identity).status == "completed"


def test_an_operator_needs_no_right_on_the_tables(market, login):
    operator = login("etl_operator")
    for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE"):
        assert not one(operator, "SELECT has_table_privilege('market_data', %s)", privilege)
    before, expected = classes(market), expected_classes(market, **ALL_WRONG)
    market.execute(
        "ALTER TABLE market_data ADD CONSTRAINT sane CHECK (close < 110"
        " OR asset_class IS NULL OR asset_class <> 'STOCK') NOT VALID"
    )
    assert select(operator, "preview_correction", **ALL_WRONG)

    correction = correct(operator, **ALL_WRONG)
    market.execute("ALTER TABLE market_data DROP CONSTRAINT sane")
    retry = call(operator, "retry_failed_records", correction_id=correction.correction_id)
    assert classes(market) == expected
    assert (retry.status, retry.changed) == ("completed", correction.failed)
    rolled_back = rollback(operator, correction.correction_id)

    assert classes(market) == before
    assert rolled_back.changed == correction.changed + retry.changed
    with raises("42501"):
        call(operator, "purge_backups")
    with raises("42501"):
        call(operator, "register_target", target="x", fact_table="market_data")


def test_an_admin_registers_only_what_he_could_change_by_hand(market, login):
    """No table is opened by registering it."""
    market.execute("CREATE TABLE salaries (id int PRIMARY KEY, symbol text, asset_class text)")
    admin = login("etl_admin")
    target = {"target": "mine", "fact_table": "salaries", "dimension_table": "symbols"}
    with raises("42501"):
        call(admin, "register_target", **target)
    market.execute(f"GRANT UPDATE ON salaries TO {admin.info.user}")
    with raises("42501"):
        call(admin, "register_target", **target)
    market.execute(f"GRANT SELECT ON symbols TO {admin.info.user}")

    call(admin, "register_target", **target)

    registered = rows(market, "SELECT target, registered_by FROM etl.correction_target")
    assert registered == [("mine", admin.info.user)]


def test_an_admin_changes_limits_and_nothing_else_by_hand(market, login):
    admin = login("etl_admin")
    admin.execute("UPDATE etl.threshold SET limit_value = 80 WHERE threshold = 'integrity_score'")
    for table in ("public.etl_execution_history", "etl.correction_target", "etl.audit_log"):
        with raises("42501"):
            admin.execute(f"DELETE FROM {table}")
    with raises("42501"):
        admin.execute("UPDATE etl.threshold SET threshold = 'x'")


TRAPS = """
CREATE SCHEMA trap;
GRANT USAGE ON SCHEMA trap TO PUBLIC;
CREATE FUNCTION trap.spring(text) RETURNS text LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'caught by %', $1 USING ERRCODE = 'TRAP1'; END$$;
"""
OPERATORS = ["=", "<>", "<", ">", "<=", ">=", "||", "+", "-", "*", "/", "->", "->>", "?"]
PAIRS = [
    "text, text",
    "integer, integer",
    "bigint, bigint",
    "boolean, boolean",
    "uuid, uuid",
    "numeric, numeric",
    "interval, interval",
    "timestamptz, timestamptz",
    "jsonb, text",
    "jsonb, jsonb",
    "varchar, varchar",
    "varchar, text",
    "tid, tid",
    "oid, oid",
    "text[], text[]",
    "timestamptz, interval",
    "double precision, double precision",
    "name, text",
]
FUNCTIONS = [
    "format(text)",
    "count()",
    "now()",
    "clock_timestamp()",
    "lower(text)",
    "btrim(text)",
    "jsonb_build_object(text, text)",
    "coalesce_(text)",
    "gen_random_uuid()",
    "pg_sleep(float8)",
    "set_config(text, text, boolean)",
    "current_setting(text)",
    "quote_ident(text)",
    "array_agg(text)",
    "jsonb_populate_record(anyelement, jsonb)",
    "unnest(text[])",
    "date_trunc(text, timestamptz)",
    "date_trunc(text, interval)",
    "pg_backend_pid()",
    "to_regclass(text)",
    "jsonb_each_text(jsonb)",
    "cardinality(text[])",
    "round(numeric)",
    "has_table_privilege(regclass, text)",
    "row_security_active(oid)",
    "greatest_(integer)",
]
TABLES = [
    "correction_target",
    "etl_execution_history",
    "operation_control",
    "operation_worker",
    "market_data",
    "symbols",
    "pg_class",
    "pg_attribute",
    "analysis",
    "pg_proc",
]


def set_traps(db):
    """Shadow everything that our routines might look up without a schema."""
    db.execute(TRAPS)
    for operator in OPERATORS:
        for pair in PAIRS:
            left, right = pair.split(", ")
            returns = "boolean" if operator in "=<><=>=?" else "text"
            name = f"trap.f{OPERATORS.index(operator)}_{PAIRS.index(pair)}"
            db.execute(
                f"CREATE FUNCTION {name}({pair}) RETURNS {returns} LANGUAGE sql"
                f" AS $$SELECT trap.spring('operator {operator} ({pair})')::{returns}$$;"
                f"CREATE OPERATOR trap.{operator}"
                f" (LEFTARG = {left}, RIGHTARG = {right}, FUNCTION = {name})"
            )
    for function in FUNCTIONS:
        db.execute(
            f"CREATE FUNCTION trap.{function} RETURNS text LANGUAGE sql"
            f" AS $$SELECT trap.spring('{function}')$$"
        )
    for table in TABLES:
        db.execute(f"CREATE TABLE trap.{table} (a int)")


def spring_temporary_tables(db):
    for table in TABLES:
        db.execute(f"CREATE TEMPORARY TABLE {table} (a int)")


def test_a_hostile_search_path_changes_nothing(market, login):
    before, expected = classes(market), expected_classes(market, **ALL_WRONG)
    set_traps(market)
    admin = login("etl_admin")
    spring_temporary_tables(admin)
    admin.execute("SET search_path = trap, pg_temp, public, pg_catalog")
    with raises("TRAP1"):
        admin.execute("SELECT 'a'::text = 'b'::text")  # they do work

    def named(statement):
        """CALL or SELECT with literals only: parameters would look up types."""
        return admin.execute(statement).fetchall()

    assert len(named("SELECT etl.analyze_asset_classes()")) == 1
    assert len(named("SELECT etl.preview_correction()")) > 5
    ((identity, status, *_),) = named(
        "CALL etl.correct_asset_classes(batch_size => 7, pause_between_batches => '1 ms',"
        " only_process_null_asset_class => false, overwrite_existing_values => true)"
    )
    assert status == "completed"
    assert classes(market) == expected
    for function in (
        "correction_status",
        "correction_health",
        "correction_metrics",
        "execution_history",
        "list_backups",
        "validate_corrections",
    ):
        assert len(named(f"SELECT etl.{function}()")) > 0
    assert len(named(f"CALL etl.retry_failed_records('{identity}')")) == 1
    assert len(named(f"SELECT etl.tune_operation('{identity}', batch_size => 9)")) == 1
    assert len(named(f"SELECT etl.cancel_operation('{identity}')")) == 1
    ((_, status, *_),) = named(f"CALL etl.rollback_correction('{identity}', batch_size => 7)")
    assert status == "completed"
    assert classes(market) == before
    market.execute("CALL etl.create_platform_tables()")
    ((identity, status, *_),) = named("CALL etl.bootstrap_reference_data()")
    assert status == "completed"
    assert len(named("SELECT etl.market_status()")) == one(market, "SELECT count(*) FROM markets")
    assert named("SELECT etl.validate_reference_data()") == []
    assert len(named("SELECT etl.bootstrap_status()")) == 4
    assert len(named(f"SELECT etl.operation_changes('{identity}')")) > 100
    ((_, status, *_),) = named(f"CALL etl.rollback_operation('{identity}')")
    assert status == "completed"
    assert one(market, "SELECT count(*) FROM markets") == 0
    assert named("CALL etl.purge_backups(older_than => '0', keep_last => 0)")[0][1] == "completed"


def test_triggers_of_the_table_find_their_own_objects(market, login):
    """They run under the path of their table, not under that of whoever calls."""
    market.execute(
        "CREATE TABLE journal (id uuid, asset_class text);"
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql"
        " AS $$BEGIN INSERT INTO journal VALUES (new.id, new.asset_class); RETURN NULL; END$$;"
        "CREATE TRIGGER note AFTER UPDATE ON market_data FOR EACH ROW EXECUTE FUNCTION note()"
    )
    operator = login("etl_operator")
    operator.execute("CREATE TEMPORARY TABLE journal (id uuid, asset_class text)")
    operator.execute("SET search_path = pg_temp")

    correction = correct(operator)
    market.execute(  # these have moved and are found by their keys
        "UPDATE market_data SET volume = 1 WHERE symbol IN ('AAPL', 'KO') AND close > 101"
    )
    market.execute("TRUNCATE journal")
    rolled_back = rollback(operator, correction.correction_id)

    assert rolled_back.changed == correction.changed == 30
    assert one(market, "SELECT count(*) FROM public.journal WHERE asset_class IS NULL") == 20
    assert one(market, "SELECT count(*) FROM public.journal") == 30
    assert one(operator, "SELECT count(*) FROM pg_temp.journal") == 0


def test_names_and_values_are_never_taken_for_sql(market):
    evil = "x'); DROP TABLE market_data; --"
    market.execute("INSERT INTO symbols (ticker, asset_class) VALUES (%s, 'ETF')", (evil,))
    market.execute("UPDATE market_data SET symbol = %s WHERE symbol = 'AAPL'", (evil,))
    result = correct(market, target_symbols=[evil], reason=evil)
    assert result.changed == 10
    assert rollback(market, result.correction_id, target_symbols=[evil], reason=evil).changed == 10
    with raises("ME004"):
        select_one(market, "analyze_asset_classes", target=evil)
    assert len(classes(market)) == 140


def test_nobody_works_for_the_worker_of_another_session(market, login):
    """A purge that was interrupted is not driven to its end by who may not purge."""
    correction = correct(market)
    purge = one(market, "SELECT etl._start_purge(NULL, '0 s', false, 0)")
    worker = one(market, "SELECT etl._enter_operation(%s)", purge)
    operator = login("etl_operator")
    for _ in range(4):
        assert rows(operator, "SELECT is_over FROM etl._work(%s, %s)", purge, worker) == [(True,)]
    assert history(market, purge).status == "running"
    assert one(market, "SELECT to_regclass(%s)", correction.backup_table) is not None
    with raises("ME003"):
        rows(operator, "SELECT etl._request(%s, 'stop', 'x')", purge)
