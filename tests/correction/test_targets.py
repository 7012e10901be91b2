"""The same job on tables of every shape: correct, prove, undo, all compared with the labels."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import pytest
from sql_support import (
    CLASSES,
    call,
    correct,
    expected_class,
    history,
    one,
    rollback,
    rows,
    select,
    select_one,
)

SYMBOLS = """
CREATE TABLE symbols (ticker text, venue text, asset_class text);
INSERT INTO symbols VALUES ('AAPL', 'NASDAQ', 'STOCK'), ('KO', 'NYSE', 'STOCK'),
    ('KO', 'X', 'STOCK'), ('GLD', 'NYSE', 'ETF'), ('GLD', 'X', 'CRYPTO'),
    ('EURUSD', 'FX', 'FOREX'), ('NONE', 'X', NULL);
"""
TICKERS = ["AAPL", "KO", "GLD", "EURUSD", "NONE", "ORPHAN"]
VALUES = [None, "", "STOCK", "FOREX", "stock", "?"]


@dataclass(frozen=True)
class Shape:
    """How somebody has made the tables. ``row`` holds the bar's symbol, value and number."""

    ddl: str
    row: str = "INSERT INTO bars (symbol, asset_class) VALUES (%(symbol)s, %(value)s)"
    fact: str = "bars"
    key: str = "id"
    match: str = "symbol"
    value: str = "asset_class"
    listings: str = "SELECT ticker, asset_class FROM symbols"
    values: list[str | None] = field(default_factory=lambda: VALUES)
    tickers: list[str] = field(default_factory=lambda: TICKERS)
    known: tuple[str, ...] | None = CLASSES
    registration: dict[str, Any] | None = field(
        default_factory=lambda: {"fact_table": "bars", "dimension_table": "symbols"}
    )
    """Arguments of register_target(); None: the target registers itself as market_data."""


NUMBERED = (
    "INSERT INTO bars (number, symbol, asset_class) VALUES (%(number)s, %(symbol)s, %(value)s)"
)

SHAPES = {
    "made by an ORM, quoted mixed case": Shape(
        """
        CREATE TABLE "Symbols" ("Id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            "Ticker" varchar(50), "Venue" varchar(50), "AssetClass" varchar(20), "IsActive" bool);
        INSERT INTO "Symbols" ("Ticker", "Venue", "AssetClass") VALUES ('AAPL', 'NASDAQ', 'STOCK'),
            ('GLD', 'NYSE', 'ETF'), ('GLD', 'X', 'CRYPTO'), ('EURUSD', 'FX', 'FOREX');
        CREATE TABLE "MarketData" ("Id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            "Symbol" varchar(50), "Timestamp" timestamptz, "AssetClass" varchar(20),
            "UpdatedAt" timestamptz);
        """,
        row='INSERT INTO "MarketData" ("Symbol", "AssetClass") VALUES (%(symbol)s, %(value)s)',
        fact='"MarketData"',
        key='"Id"',
        match='"Symbol"',
        value='"AssetClass"',
        listings='SELECT "Ticker", "AssetClass" FROM "Symbols"',
        registration=None,
    ),
    "snake case": Shape(
        SYMBOLS
        + "CREATE TABLE market_data (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), symbol text,"
        " asset_class text, updated_at timestamp)",
        row="INSERT INTO market_data (symbol, asset_class) VALUES (%(symbol)s, %(value)s)",
        fact="market_data",
        registration=None,
    ),
    "bigint key, no updated_at": Shape(
        SYMBOLS + "CREATE TABLE bars (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        " symbol text, asset_class text)"
    ),
    "text key that needs quoting": Shape(
        SYMBOLS + "CREATE TABLE bars (number text PRIMARY KEY, symbol text, asset_class text)",
        row="INSERT INTO bars VALUES ($$it's \"№ $$ || %(number)s, %(symbol)s, %(value)s)",
        key="number",
    ),
    "composite key with the symbol in it": Shape(
        SYMBOLS + "CREATE TABLE bars (symbol varchar(9), number int, day date DEFAULT '2024-02-29',"
        " asset_class varchar(10), PRIMARY KEY (day, symbol, number))",
        row=NUMBERED,
        key="(symbol, number, day)",
    ),
    "unique index instead of a primary key": Shape(
        SYMBOLS + "CREATE TABLE bars (number numeric NOT NULL, symbol text, asset_class text);"
        "CREATE UNIQUE INDEX ON bars (number) INCLUDE (symbol)",
        row=NUMBERED,
        key="number",
    ),
    "key columns named by hand, no index": Shape(
        SYMBOLS + "CREATE TABLE bars (number int, symbol text, asset_class text)",
        row=NUMBERED,
        key="number",
        registration={
            "fact_table": "bars",
            "dimension_table": "symbols",
            "key_columns": ["number"],
        },
    ),
    "columns dropped and added": Shape(
        SYMBOLS + "CREATE TABLE bars (gone int, id serial PRIMARY KEY, symbol text, gone2 text,"
        " asset_class text); ALTER TABLE bars DROP gone, DROP gone2, ADD updated_at date"
    ),
    "enum value": Shape(
        SYMBOLS + "CREATE TYPE class AS ENUM ('STOCK', 'ETF', 'FOREX', 'CRYPTO', 'OLD');"
        "CREATE TABLE bars (id serial PRIMARY KEY, symbol text, asset_class class)",
        values=[None, "STOCK", "FOREX", "OLD"],
    ),
    "domain, and a dimension of another type": Shape(
        SYMBOLS + "ALTER TABLE symbols ALTER ticker TYPE char(9), ALTER asset_class TYPE char(12);"
        "CREATE DOMAIN class AS varchar(20) CHECK (value <> 'NEVER');"
        "CREATE TABLE bars (id serial PRIMARY KEY, symbol varchar(20), asset_class class)",
        listings="SELECT ticker::text, asset_class::text FROM symbols",
    ),
    "joined by id": Shape(
        SYMBOLS + "ALTER TABLE symbols ADD number int;"
        "UPDATE symbols SET number = CASE ticker WHEN 'AAPL' THEN 1 WHEN 'KO' THEN 2 ELSE 3 END;"
        "CREATE TABLE bars (id serial PRIMARY KEY, symbol_number bigint, asset_class text)",
        row="INSERT INTO bars (symbol_number, asset_class) VALUES (%(symbol)s, %(value)s)",
        match="symbol_number::text",
        listings="SELECT number::text, asset_class FROM symbols",
        tickers=["1", "2", "3", "4"],
        registration={
            "fact_table": "bars",
            "dimension_table": "symbols",
            "match_column": "symbol_number",
            "dimension_match_column": "number",
        },
    ),
    "another derived column, any value is valid": Shape(
        "CREATE TABLE symbols (ticker text, currency text);"
        "INSERT INTO symbols VALUES ('AAPL', 'USD'), ('KO', 'USD'), ('KO', 'EUR'), ('EURUSD', ' ');"
        "CREATE TABLE bars (id serial PRIMARY KEY, symbol text, quote_currency text)",
        row="INSERT INTO bars (symbol, quote_currency) VALUES (%(symbol)s, %(value)s)",
        value="quote_currency",
        listings="SELECT ticker, currency FROM symbols",
        values=[None, "", "   ", "usd", "USD", "EUR"],
        known=None,
        registration={
            "fact_table": "bars",
            "dimension_table": "symbols",
            "value_column": "quote_currency",
            "dimension_value_column": "currency",
            "known_values": None,
        },
    ),
    "names that need quoting, in another schema": Shape(
        SYMBOLS
        + """CREATE SCHEMA "My ""Data"; CREATE TABLE "My ""Data"."the bars" (
            "key %" serial PRIMARY KEY, "what's it" text, "asset class" text,
            "when" timestamptz)""",
        row="""INSERT INTO "My ""Data"."the bars" ("what's it", "asset class")
               VALUES (%(symbol)s, %(value)s)""",
        fact='"My ""Data"."the bars"',
        key='"key %%"',
        match='"what\'s it"',
        value='"asset class"',
        registration={
            "fact_table": '"My ""Data"."the bars"',
            "dimension_table": "symbols",
            "match_column": "what's it",
            "value_column": "asset class",
            "touch_column": "when",
            "dimension_value_column": "asset_class",
        },
    ),
    "range partitions": Shape(
        SYMBOLS + "CREATE TABLE bars (number int, symbol text, asset_class text, updated_at date,"
        " PRIMARY KEY (number)) PARTITION BY RANGE (number);"
        "CREATE TABLE bars_1 PARTITION OF bars FOR VALUES FROM (0) TO (30);"
        "CREATE TABLE bars_2 (asset_class text, symbol text, gone int, updated_at date,"
        " number int NOT NULL);"  # another order of columns
        "ALTER TABLE bars_2 DROP gone; ALTER TABLE bars ATTACH PARTITION bars_2"
        " FOR VALUES FROM (30) TO (60);"
        "CREATE TABLE bars_rest PARTITION OF bars DEFAULT",
        row=NUMBERED,
        key="number",
    ),
    "hash partitions": Shape(
        SYMBOLS + "CREATE TABLE bars (id uuid DEFAULT gen_random_uuid(), symbol text,"
        " asset_class text, PRIMARY KEY (id)) PARTITION BY HASH (id);"
        "CREATE TABLE bars_0 PARTITION OF bars FOR VALUES WITH (MODULUS 3, REMAINDER 0);"
        "CREATE TABLE bars_1 PARTITION OF bars FOR VALUES WITH (MODULUS 3, REMAINDER 1);"
        "CREATE TABLE bars_2 PARTITION OF bars FOR VALUES WITH (MODULUS 3, REMAINDER 2)"
    ),
    "nested partitions in other schemas": Shape(
        SYMBOLS + "CREATE SCHEMA old; CREATE TABLE bars (number int, symbol text, asset_class text,"
        " PRIMARY KEY (number, symbol)) PARTITION BY LIST (symbol);"
        "CREATE TABLE bars_aapl PARTITION OF bars FOR VALUES IN ('AAPL')"
        " PARTITION BY RANGE (number);"
        "CREATE TABLE old.bars PARTITION OF bars_aapl FOR VALUES FROM (0) TO (50);"
        "CREATE TABLE bars_aapl_2 PARTITION OF bars_aapl FOR VALUES FROM (50) TO (5000);"
        "CREATE TABLE bars_rest PARTITION OF bars DEFAULT PARTITION BY HASH (number);"
        "CREATE TABLE old.rest_0 PARTITION OF bars_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
        "CREATE TABLE old.rest_1 PARTITION OF bars_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        row=NUMBERED,
        key="(number, symbol)",
    ),
    "table inheritance": Shape(
        SYMBOLS + "CREATE TABLE bars (number int PRIMARY KEY, symbol text, asset_class text);"
        "CREATE TABLE bars_old (PRIMARY KEY (number)) INHERITS (bars);"
        "CREATE RULE old AS ON INSERT TO bars WHERE new.number < 40"
        " DO INSTEAD INSERT INTO bars_old VALUES (new.*)",
        row=NUMBERED,
        key="number",
    ),
}


def make(db, shape, count=200):
    dice = random.Random(5)
    db.execute(shape.ddl)
    for number in range(count):
        db.execute(
            shape.row,
            {
                "number": number,
                "symbol": dice.choice(shape.tickers),
                "value": dice.choice(shape.values),
            },
        )
    if shape.registration is None:
        return "market_data"
    call(db, "register_target", target="theirs", **shape.registration)
    return "theirs"


def contents(db, shape):
    """Return symbol and value of every row, by its key as text."""
    query = f"SELECT {shape.key}::text, {shape.match}, {shape.value}::text FROM {shape.fact}"
    return {key: (symbol, value) for key, symbol, value in rows(db, query.replace("%%", "%"))}


def expected(db, shape, **options):
    listings: dict[str, list[str | None]] = {}
    for ticker, value in rows(db, shape.listings):
        listings.setdefault(ticker, []).append(value)
    return {
        key: (symbol, expected_class(value, listings.get(symbol, []), shape.known, **options))
        for key, (symbol, value) in contents(db, shape).items()
    }


@pytest.mark.parametrize("options", [{}, {"only_process_null_asset_class": False}], ids=str)
@pytest.mark.parametrize("name", SHAPES)
def test_correct_prove_and_undo(db, name, options):
    shape = SHAPES[name]
    target = make(db, shape)
    before, wanted = contents(db, shape), expected(db, shape, **options)
    to_change = sum(before[key] != wanted[key] for key in before)
    announced = select(db, "preview_correction", target=target, **options)

    result = correct(db, target=target, batch_size=20, adaptive=False, **options)

    assert contents(db, shape) == wanted
    assert (result.status, result.changed) == ("completed", to_change)
    assert to_change >= 5
    assert sum(row.records for row in announced if row.section == "change") == to_change
    assert one(db, f"SELECT count(*) FROM {result.backup_table}") == to_change
    measured = select_one(db, "analyze_asset_classes", target=target)
    assert result.quality_after == measured.data_quality_score
    failed = {
        check.check_name
        for check in select(db, "validate_corrections", target=target)
        if not check.passed and not check.check_name.endswith("_score")
    }
    assert failed == set()

    undone = rollback(db, result.correction_id)

    assert contents(db, shape) == before
    assert (undone.status, undone.changed, undone.skipped) == ("completed", to_change, 0)
    assert history(db, result.correction_id).status == "rolled_back"


def test_a_backup_bears_the_columns_of_the_table_under_their_own_names(db):
    target = make(db, SHAPES["composite key with the symbol in it"])
    backup = correct(db, target=target).backup_table
    columns = rows(
        db,
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
        backup,
    )
    assert columns == [
        ("day", "date"),
        ("symbol", "character varying(9)"),
        ("number", "integer"),
        ("asset_class", "character varying"),
        ("new_value", "character varying"),
        ("batch_number", "integer"),
        ("row_location", "tid"),
        ("row_table", "oid"),
        ("changed_at", "timestamp with time zone"),
    ]


def test_targets_do_not_disturb_each_other(db):
    make(db, SHAPES["snake case"])
    db.execute(
        "ALTER TABLE symbols ADD currency text; UPDATE symbols SET currency = 'USD';"
        "ALTER TABLE market_data ADD currency text"
    )
    call(
        db,
        "register_target",
        target="currency",
        fact_table="market_data",
        value_column="currency",
        dimension_table="symbols",
        known_values=None,
    )
    with_symbol = "SELECT count(*) FROM market_data WHERE symbol IN (SELECT ticker FROM symbols)"

    first = correct(db)
    second = correct(db, target="currency")

    assert second.changed == one(db, with_symbol)
    rollback(db, first.correction_id)
    assert one(db, "SELECT count(*) FROM market_data WHERE currency = 'USD'") == second.changed
    assert {row.target for row in select(db, "list_backups")} == {"market_data", "currency"}
