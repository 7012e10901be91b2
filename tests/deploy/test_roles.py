"""Group roles: rights by manifest, and a deploying role that may not create roles."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from mytrader_etl import deployment
from mytrader_etl.deployment import sources

RANK = {"etl_reader": 0, "etl_operator": 1, "etl_admin": 2, "internal": 3}
ROLES = ("etl_reader", "etl_operator", "etl_admin")


@pytest.fixture
def fresh_cluster(own_server):
    """A cluster without the group roles, in which `deployer` owns database `theirs`."""
    with psycopg.connect(own_server.dsn(), autocommit=True) as dba:
        dba.execute("CREATE ROLE deployer LOGIN")
        dba.execute("CREATE DATABASE theirs OWNER deployer")
        yield dba, make_conninfo(own_server.dsn("theirs"), user="deployer")


def may_execute(connection, role):
    rows = connection.execute(
        "SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'etl'::regnamespace"
        " AND has_function_privilege(%s, p.oid, 'EXECUTE')",
        (role,),
    )
    return {name for (name,) in rows}


def granted(role):
    return {r.name for r in sources.routines() if RANK[r.role] <= RANK[role]}


def test_without_createrole_it_goes_on_and_says_so(fresh_cluster):
    dba, dsn = fresh_cluster

    report = deployment.up(dsn)

    assert deployment.verify(dsn) == []
    for role in ROLES:
        assert any(f"CREATE ROLE {role} NOLOGIN" in note for note in report.notes), report.notes
    found = dba.execute("SELECT count(*) FROM pg_roles WHERE rolname = ANY (%s)", (list(ROLES),))
    assert found.fetchone() == (0,)


def test_roles_created_later_get_their_rights_from_the_next_deployment(fresh_cluster):
    dba, dsn = fresh_cluster
    deployment.up(dsn)
    for role in ROLES:
        dba.execute(f"CREATE ROLE {role} NOLOGIN")

    report = deployment.up(dsn)

    assert any("GRANT etl_reader TO etl_operator" in note for note in report.notes)
    dba.execute("GRANT etl_reader TO etl_operator; GRANT etl_operator TO etl_admin")
    with psycopg.connect(dsn, autocommit=True) as connection:
        for role in ROLES:
            assert may_execute(connection, role) == granted(role)
            assert connection.execute(
                "SELECT has_schema_privilege(%s, 'etl', 'USAGE')", (role,)
            ).fetchone() == (True,)
    assert deployment.up(dsn).notes == ()


def test_rights_are_those_of_the_manifest(db):
    for role in ROLES:
        assert may_execute(db, role) == granted(role)


def test_public_may_do_nothing(db):
    db.execute("DROP ROLE IF EXISTS somebody")
    db.execute("CREATE ROLE somebody")
    try:
        assert may_execute(db, "somebody") == set()
        assert db.execute("SELECT has_schema_privilege('somebody', 'etl', 'USAGE')").fetchone() == (
            False,
        )
        tables = db.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'v', 'p')"
            " AND (relnamespace = 'etl'::regnamespace OR relname = 'etl_execution_history')"
            " AND has_table_privilege('somebody', oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')"
        )
        assert tables.fetchall() == []
    finally:
        db.execute("DROP ROLE somebody")
