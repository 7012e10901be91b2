"""The tables that we create where the platform has none."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from sql_support import call, correct, in_background, one, raises, rows

from mytrader_etl import deployment

HERE = Path(__file__).resolve().parent
ALL = [
    f"public.{name}"
    for name in (
        "asset_classes",
        "markets",
        "trading_sessions",
        "data_providers",
        "symbols",
        "market_data",
    )
]


def create(db, **options):
    return call(db, "create_platform_tables", **options).created


def definitions(db):
    """Return all columns of all tables outside of our schemas."""
    return rows(
        db,
        "SELECT a.attrelid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod)"
        "  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')"
        "  JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'etl', 'pg_toast')"
        " ORDER BY 1, 2",
    )


def test_all_are_created_once(db):
    assert create(db) == ALL
    before = definitions(db)
    assert create(db) == []
    assert definitions(db) == before
    assert rows(
        db,
        "SELECT after -> 'tables' FROM etl.audit_log WHERE action = 'create_platform_tables'",
    ) == [(ALL,)]
    assert one(db, "SELECT fact_table::text FROM etl.correction_target") == "market_data"


def test_they_are_well_defined(db):
    create(db)
    assert (
        rows(
            db,
            "SELECT t FROM unnest(%s::regclass[]) AS t"
            " WHERE obj_description(t) IS NULL"
            "    OR NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = t AND contype = 'p')",
            ALL,
        )
        == []
    )
    unindexed = rows(
        db,
        "SELECT k.conrelid::regclass::text, k.conname FROM pg_constraint k"
        " WHERE k.contype = 'f' AND k.conrelid = ANY (%s::regclass[])"
        "   AND NOT EXISTS (SELECT FROM pg_index i"
        "                    WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1])",
        ALL,
    )
    assert unindexed == []
    assert one(db, "SELECT count(*) FROM pg_constraint WHERE contype = 'f'"
               " AND conrelid = ANY (%s::regclass[])", ALL) == 5  # fmt: skip
    indexes = {name for (name,) in rows(db, "SELECT indexname FROM pg_indexes")}
    assert indexes >= {
        "idx_symbols_ticker_lookup",
        "idx_symbols_ticker_asset_class",
        "idx_market_data_symbol_asset_class",
    }


@pytest.mark.parametrize(
    ("statement", "sqlstate"),
    [
        ("INSERT INTO asset_classes (code, name) VALUES ('stock', 'x')", "23514"),
        ("INSERT INTO asset_classes (code, name) VALUES ('A', 'x'), ('A', 'x')", "23505"),
        ("INSERT INTO markets (code, name, asset_class_id) VALUES ('A', 'x', 1)", "23503"),
        ("INSERT INTO symbols (ticker) VALUES ('A'), ('A')", "23505"),
        ("INSERT INTO symbols (ticker, market_id) VALUES ('A', 1)", "23503"),
        (
            "INSERT INTO market_data (symbol, timeframe, timestamp)"
            " VALUES ('A', '1D', '2026-01-01'), ('A', '1D', '2026-01-01')",
            "23505",
        ),
        (
            "INSERT INTO market_data (symbol, timeframe, timestamp, low, high)"
            " VALUES ('A', '1D', '2026-01-01', 2, 1)",
            "23514",
        ),
    ],
)
def test_they_refuse_what_is_wrong(db, statement, sqlstate):
    create(db)
    with raises(sqlstate):
        db.execute(statement)


def test_a_correction_works_on_them(db):
    create(db)
    db.execute(
        "INSERT INTO symbols (ticker, venue, asset_class) VALUES ('AAPL', 'NASDAQ', 'STOCK')"
    )
    db.execute(
        "INSERT INTO market_data (symbol, venue, timeframe, timestamp)"
        " SELECT 'AAPL', 'NASDAQ', '1D', timestamptz '2026-01-01' + d * interval '1 day'"
        "  FROM generate_series(1, 20) d"
    )
    assert correct(db).changed == 20
    assert rows(db, "SELECT DISTINCT asset_class FROM market_data") == [("STOCK",)]


def test_tables_of_any_spelling_are_left_alone(db):
    """What is missing is created beside them, and refers to their keys."""
    db.execute((HERE / "mixed_case.sql").read_text())
    before = definitions(db)
    assert create(db) == ["public.symbols", "public.market_data"]
    after = definitions(db)
    assert set(before) <= set(after)
    keys = {
        name: kind for table, name, kind in after if table == "symbols" and name.endswith("_id")
    }
    assert keys == {"asset_class_id": "integer", "market_id": "uuid"}
    assert {
        reference
        for (reference,) in rows(
            db,
            "SELECT confrelid::regclass::text FROM pg_constraint"
            " WHERE contype = 'f' AND conrelid = 'symbols'::regclass",
        )
    } == {'"AssetClasses"', '"Markets"'}


def test_tables_in_other_schemas_are_left_alone(db):
    db.execute("CREATE SCHEMA a; CREATE SCHEMA b")
    db.execute("CREATE TABLE a.symbols (id int PRIMARY KEY); CREATE TABLE b.symbols (id int)")
    assert create(db) == [name for name in ALL if name != "public.symbols"]


def test_a_parent_without_a_simple_key(db):
    """There is nothing that a foreign key could refer to."""
    db.execute('CREATE TABLE "AssetClasses" (code text, region text, PRIMARY KEY (code, region))')
    assert create(db) == ALL[1:]
    assert rows(
        db,
        "SELECT contype FROM pg_constraint WHERE conrelid = 'markets'::regclass AND contype = 'f'",
    ) == []  # fmt: skip


def test_another_schema(db):
    db.execute('CREATE SCHEMA "Trading Floor"')
    assert create(db, schema="Trading Floor") == [
        name.replace("public", '"Trading Floor"') for name in ALL
    ]
    assert call(db, "bootstrap_reference_data").status == "completed"
    for schema in ("nowhere", None):
        with raises("ME003"):
            create(db, schema=schema)


def test_only_who_could_do_it_by_hand(db):
    db.execute("CREATE ROLE tables_admin LOGIN IN ROLE etl_admin")
    try:
        with psycopg.connect(db.info.dsn, user="tables_admin", autocommit=True) as admin:
            db.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            with raises("42501"):
                create(admin)
            db.execute("GRANT CREATE ON SCHEMA public TO tables_admin")
            assert create(admin) == ALL
    finally:
        db.execute("DROP OWNED BY tables_admin; DROP ROLE tables_admin")


def test_two_at_once(db, session):
    with in_background(create, session()) as first, in_background(create, session()) as second:
        assert sorted([first.result(), second.result()]) == [[], ALL]


def test_migrate_with_tables(empty_db, empty_dsn):
    report = deployment.up(empty_dsn, with_tables=True)
    assert list(report.tables_created) == ALL
    again = deployment.up(empty_dsn, with_tables=True)
    assert (again.tables_created, again.changed) == ((), False)
    assert one(empty_db, "SELECT count(*) FROM etl.correction_target") == 1
