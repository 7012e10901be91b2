"""ME008: sessions and tables on which no operation may start, and what cures them."""

from __future__ import annotations

import uuid

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sql_support import call, classes, correct, one, raises, rollback, select, select_one

from mytrader_etl import deployment

SESSIONS = {
    "statement_timeout": ("SET statement_timeout = '1 h'", "SET statement_timeout = '3 h'"),
    "read-only": (
        "SET default_transaction_read_only = on",
        "SET default_transaction_read_only = off",
    ),
}


@pytest.mark.parametrize("case", SESSIONS)
def test_a_session_that_would_not_last(market, session, case):
    worker = session()
    unfit, cure = SESSIONS[case]
    worker.execute(unfit)
    before = classes(market)
    with raises("ME008"):
        correct(worker)
    assert classes(market) == before
    assert one(market, "SELECT count(*) FROM public.etl_execution_history") == 0

    worker.execute(cure)
    assert correct(worker).changed == 30


@pytest.mark.parametrize("procedure", ["rollback_correction", "resume_correction"])
def test_it_is_asked_of_every_worker(market, session, procedure):
    correction_id = correct(market).correction_id
    worker = session(options="-c statement_timeout=1000")
    with raises("ME008"):
        call(worker, procedure, correction_id=correction_id)


def test_a_short_operation_fits_a_short_timeout(market):
    market.execute("SET statement_timeout = '10 min'")
    assert correct(market, timeout="5 min").changed == 30


@pytest.mark.parametrize("level", ["serializable", "repeatable read"])
def test_the_isolation_of_the_session_does_not_matter(market, level):
    market.execute(f"SET default_transaction_isolation = '{level}'")
    correction = correct(market, batch_size=1, adaptive=False, pause_between_batches="1 ms")
    assert correction.changed == 30
    assert rollback(market, correction.correction_id).changed == 30
    assert one(market, "SHOW transaction_isolation") == level


def test_not_in_a_transaction(market):
    market.execute("BEGIN")
    with raises("2D000"):
        correct(market)
    market.execute("ROLLBACK")
    assert one(market, "SELECT count(*) FROM public.etl_execution_history") == 0


TABLES = {
    "generated column": """
        ALTER TABLE market_data RENAME asset_class TO raw;
        ALTER TABLE market_data ADD asset_class text GENERATED ALWAYS AS (raw) STORED""",
    "partition key": """
        ALTER TABLE market_data RENAME TO old;
        CREATE TABLE market_data (id int, symbol text, asset_class text)
            PARTITION BY LIST (asset_class);
        CREATE TABLE rest PARTITION OF market_data DEFAULT""",
    "partition key of a nested partition, in an expression": """
        ALTER TABLE market_data RENAME TO old;
        CREATE TABLE market_data (id int, symbol text, asset_class text) PARTITION BY RANGE (id);
        CREATE TABLE inner_one PARTITION OF market_data DEFAULT
            PARTITION BY LIST (lower(asset_class))""",
    "not a table": """
        ALTER TABLE market_data RENAME TO old;
        CREATE TABLE market_data (id int, symbol text, asset_class text) PARTITION BY RANGE (id);
        CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER far FOREIGN DATA WRAPPER nothing;
        CREATE FOREIGN TABLE far_bars PARTITION OF market_data DEFAULT SERVER far""",
}


@pytest.mark.parametrize("case", TABLES)
def test_a_table_that_cannot_be_corrected(market, case):
    market.execute(TABLES[case])
    call(
        market,
        "register_target",
        target="theirs",
        fact_table="market_data",
        key_columns=["id"],
        dimension_table="symbols",
    )
    with raises("ME008") as caught:
        correct(market, target="theirs")
    assert case.split(" of ")[0] in str(caught.value)


@pytest.fixture
def owned_market(pg_server, session):
    """A database deployed by a plain role that owns it: (superuser, owner)."""
    name = f"owner_{uuid.uuid4().hex[:12]}"
    identifier = sql.Identifier(name)
    with psycopg.connect(pg_server.dsn(), autocommit=True) as dba:
        dba.execute(sql.SQL("CREATE ROLE {} LOGIN").format(identifier))
        dba.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(identifier, identifier))
        dsn = make_conninfo(pg_server.dsn(name), user=name)
        deployment.up(dsn)
        with (
            psycopg.connect(pg_server.dsn(name), autocommit=True) as superuser,
            psycopg.connect(dsn, autocommit=True) as owner,
        ):
            yield superuser, owner
        dba.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))
        dba.execute(sql.SQL("DROP ROLE {}").format(identifier))


MARKET = """
CREATE TABLE symbols (ticker text, asset_class text);
INSERT INTO symbols VALUES ('AAPL', 'STOCK');
CREATE TABLE market_data (id int PRIMARY KEY, symbol text, asset_class text);
INSERT INTO market_data SELECT n, 'AAPL' FROM generate_series(1, 100) n;
"""


def test_a_plain_owner_deploys_and_runs_it_all(owned_market):
    _, owner = owned_market
    owner.execute(MARKET)
    correction = correct(owner)
    assert (correction.status, correction.changed) == ("completed", 100)
    assert select_one(owner, "analyze_asset_classes").data_quality_score == 100
    assert rollback(owner, correction.correction_id).changed == 100
    assert call(owner, "purge_backups", older_than="0", keep_last=0).changed == 1


def test_row_level_security_that_would_hide_rows(owned_market):
    _, owner = owned_market
    owner.execute(MARKET)
    owner.execute(
        "ALTER TABLE market_data ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
        "CREATE POLICY half ON market_data USING (id <= 50)"
    )
    with raises("ME008") as caught:
        correct(owner)
    assert "row-level security" in str(caught.value)

    owner.execute("ALTER TABLE market_data NO FORCE ROW LEVEL SECURITY")
    assert correct(owner).changed == 100


def test_what_would_hide_rows_is_asked_again_at_a_resume(owned_market):
    """Policies that came after it had stopped would make a part of the table look like all."""
    superuser, owner = owned_market
    owner.execute(MARKET)
    owner.execute(
        "INSERT INTO market_data SELECT n, 'AAPL' FROM generate_series(101, 5000) n;"
        "ANALYZE market_data"
    )
    identity = uuid.uuid4()
    with raises("ME011"):
        correct(
            owner,
            correction_id=identity,
            timeout="1 s",
            pause_between_batches="400 ms",
            batch_size=200,
            adaptive=False,
        )
    owner.execute(
        "INSERT INTO market_data VALUES (5001, 'AAPL', NULL);"
        "ALTER TABLE market_data ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
        "CREATE POLICY half ON market_data USING (id <= 5000)"
    )
    with raises("ME008") as caught:
        call(owner, "resume_correction", correction_id=identity, timeout="1 h")
    assert "row-level security" in str(caught.value)

    owner.execute("ALTER TABLE market_data NO FORCE ROW LEVEL SECURITY")
    select(superuser, "tune_operation", execution_id=identity, pause_between_batches="0")
    again = call(owner, "resume_correction", correction_id=identity, timeout="1 h")
    assert (again.status, again.changed) == ("completed", 5001)
    assert one(superuser, "SELECT count(*) FROM market_data WHERE asset_class IS NULL") == 0


def test_missing_rights_of_the_deploying_role(owned_market):
    superuser, owner = owned_market
    superuser.execute(f"{MARKET} GRANT SELECT ON market_data, symbols TO PUBLIC")
    with raises("ME008") as caught:
        correct(owner)
    superuser.execute(caught.value.diag.message_hint)
    assert correct(owner).changed == 100
