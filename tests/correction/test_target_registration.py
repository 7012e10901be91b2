"""Registering targets: by themselves, by hand, and what is refused."""

from __future__ import annotations

import pytest
from sql_support import CLASSES, call, correct, one, raises, rows, select_one

TARGET = """
SELECT target, fact_table::text, key_columns, match_column, value_column, touch_column,
       dimension_table::text, dimension_match_column, dimension_value_column,
       dimension_venue_column, dimension_active_column, known_values
  FROM etl.correction_target
"""


def test_market_data_registers_itself_at_its_first_use(market):
    assert rows(market, TARGET) == []

    select_one(market, "analyze_asset_classes")

    assert rows(market, TARGET) == [
        (
            "market_data",
            "market_data",
            ["id"],
            "symbol",
            "asset_class",
            "updated_at",
            "symbols",
            "ticker",
            "asset_class",
            "venue",
            "is_active",
            list(CLASSES),
        )
    ]


def test_the_table_of_that_name_in_public_wins(market):
    market.execute(
        "CREATE SCHEMA archive;"
        "CREATE TABLE archive.market_data (LIKE market_data INCLUDING ALL);"
        'CREATE TABLE "MarketData" (LIKE market_data INCLUDING ALL)'
    )
    assert select_one(market, "analyze_asset_classes").total_records == 140


def test_two_tables_alike_are_not_guessed(market):
    market.execute(
        "CREATE SCHEMA one; CREATE SCHEMA two; ALTER TABLE market_data SET SCHEMA one;"
        "CREATE TABLE two.market_data (LIKE one.market_data INCLUDING ALL)"
    )
    with raises("ME004"):
        select_one(market, "analyze_asset_classes")


def test_a_table_made_anew_is_found_again(market):
    correct(market)
    market.execute("CREATE TABLE fresh (LIKE market_data INCLUDING ALL)")
    market.execute("INSERT INTO fresh (symbol, timeframe, timestamp) VALUES ('AAPL', '1D', now())")
    market.execute("DROP TABLE market_data")
    market.execute("ALTER TABLE fresh RENAME TO market_data")

    assert correct(market).changed == 1


def register(db, **options):
    call(
        db,
        "register_target",
        **{"target": "bars", "fact_table": "market_data", "dimension_table": "symbols"} | options,
    )


def test_defaults_come_from_the_table(market):
    register(market)
    ((target, fact, key, match, value, touch, *_),) = rows(market, TARGET)
    assert (target, fact, key) == ("bars", "market_data", ["id"])
    assert (match, value, touch) == ("symbol", "asset_class", "updated_at")


@pytest.mark.parametrize(
    "updated_at",
    ["bigint", "timestamp GENERATED ALWAYS AS (created_at AT TIME ZONE 'UTC') STORED"],
)
def test_a_column_updated_at_that_takes_no_time_is_left_alone(market, updated_at):
    market.execute("ALTER TABLE market_data DROP updated_at")
    market.execute(f"ALTER TABLE market_data ADD updated_at {updated_at}")
    stamps = "SELECT id, updated_at FROM market_data ORDER BY id"
    before = rows(market, stamps)

    assert correct(market).changed == 30

    assert rows(market, stamps) == before
    assert one(market, "SELECT touch_column FROM etl.correction_target") is None


def test_a_time_that_decides_the_partition_is_left_alone(db):
    db.execute(
        "CREATE TABLE symbols (ticker text, asset_class text);"
        "INSERT INTO symbols VALUES ('AAPL', 'STOCK');"
        "CREATE TABLE bars (id int, symbol text, asset_class text, updated_at timestamptz)"
        " PARTITION BY RANGE (updated_at);"
        "CREATE TABLE old_bars PARTITION OF bars FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');"
        "INSERT INTO bars VALUES (1, 'AAPL', NULL, '2020-06-01Z')"
    )
    register(db, fact_table="bars", key_columns=["id"])

    assert correct(db, target="bars").changed == 1

    assert one(db, "SELECT updated_at = '2020-06-01Z' FROM bars")


def test_it_is_replaced_only_on_demand(market):
    register(market)
    with raises("ME003"):
        register(market, value_column="timeframe", dimension_value_column="name")

    register(market, touch_column="created_at", replace=True)

    assert one(market, "SELECT touch_column FROM etl.correction_target") == "created_at"
    audited = rows(
        market,
        "SELECT after ->> 'touch_column' FROM etl.audit_log WHERE target = 'bars'"
        " ORDER BY audit_id",
    )
    assert audited == [("updated_at",), ("created_at",)]


def test_no_name_is_no_target(market):
    register(market)
    with raises("ME004") as caught:
        select_one(market, "analyze_asset_classes", target=None)
    assert str(caught.value).startswith("target NULL is not registered")


REFUSED = {
    "no name": ("ME003", {"target": ""}),
    "no fact table": ("ME003", {"fact_table": None}),
    "no key": ("ME004", {"fact_table": "keyless"}),
    "a key column that does not exist": ("ME004", {"key_columns": ["nowhere"]}),
    "a match column that does not exist": ("ME004", {"match_column": "nowhere"}),
    "a value column that does not exist": ("ME004", {"value_column": "AssetClass"}),
    "a touch column that does not exist": ("ME004", {"touch_column": "nowhere"}),
    "a touch column that holds no time": ("ME004", {"touch_column": "volume"}),
    "a touch column that is computed": ("ME004", {"touch_column": "computed_at"}),
    "a touch column that is part of the key": (
        "ME004",
        {"touch_column": "timestamp", "key_columns": ["symbol", "timeframe", "timestamp"]},
    ),
    "a dimension column that does not exist": ("ME004", {"dimension_match_column": "nowhere"}),
    "the value is part of the key": ("ME004", {"key_columns": ["symbol", "asset_class"]}),
    "the value is the match": (
        "ME004",
        {"value_column": "symbol", "dimension_value_column": "name"},
    ),
    "a reserved name": ("ME004", {"key_columns": ["batch_number"]}),
    "a table that does not exist": ("42P01", {"fact_table": "nowhere"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(market, case):
    sqlstate, options = REFUSED[case]
    market.execute(
        "CREATE TABLE keyless (symbol text, asset_class text);"
        "ALTER TABLE market_data ADD batch_number int, ADD computed_at timestamp"
        " GENERATED ALWAYS AS (created_at AT TIME ZONE 'UTC') STORED"
    )
    with raises(sqlstate):
        register(market, **options)
    assert rows(market, TARGET) == []


CHANGES = {
    "column renamed": "ALTER TABLE market_data RENAME asset_class TO class",
    "column dropped": "ALTER TABLE market_data DROP updated_at",
    "another type": "ALTER TABLE market_data ALTER asset_class TYPE varchar(30)",
    "fact table dropped": "DROP TABLE market_data",
    "dimension dropped": "DROP TABLE symbols",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_target_that_is_no_longer_as_registered_is_refused(market, change):
    register(market)
    market.execute(CHANGES[change])
    with raises("ME004") as caught:
        correct(market, target="bars")
    assert "register_target" in caught.value.diag.message_hint


def test_registering_anew_cures_it(market):
    register(market)
    market.execute("ALTER TABLE market_data RENAME asset_class TO class")
    register(market, value_column="class", dimension_value_column="asset_class", replace=True)
    assert correct(market, target="bars").changed == 30


def test_dropping_the_table_of_one_target_leaves_the_others(market):
    register(market)
    market.execute("CREATE TABLE other (LIKE market_data INCLUDING ALL)")
    register(market, target="other", fact_table="other")
    market.execute("DROP TABLE other")
    assert correct(market, target="bars").changed == 30
