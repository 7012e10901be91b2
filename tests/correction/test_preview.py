"""preview_correction(): it tells what the correction then does, and does nothing itself."""

from __future__ import annotations

from collections import Counter

import pytest
from sql_support import (
    ALL_WRONG,
    changed_by,
    classes,
    correct,
    one,
    raises,
    rows,
    select,
    whole_rows,
)

OPTIONS = [
    {},
    {"only_process_null_asset_class": False},
    ALL_WRONG,
    {"target_symbols": ["AAPL", "GLD", "MSFT", "no such symbol"]},
    {"target_symbols": ["BTCUSD", "EURUSD"], **ALL_WRONG},
]


def section(preview, name):
    return [row for row in preview if row.section == name]


def by_item(preview, name):
    return {row.item: row for row in section(preview, name)}


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_it_tells_what_the_correction_does(mixed_market, options):
    preview = select(mixed_market, "preview_correction", batch_size=100, **options)
    before = classes(mixed_market)

    result = correct(mixed_market, batch_size=100, **options)

    done = Counter(changed_by(before, classes(mixed_market)).values())
    announced = {
        (None if row.from_value == "(null)" else row.from_value, row.to_value): row.records
        for row in section(preview, "change")
    }
    assert announced == done
    became = Counter()
    for (_, new_value), records in done.items():
        became[new_value] += records
    assert {row.to_value: row.records for row in section(preview, "class")} == became
    summary = by_item(preview, "summary")
    assert summary["records to correct"].records == result.changed == sum(done.values())
    assert summary["records in the table"].records == len(before)
    assert by_item(preview, "plan")["batches"].records == -(-result.changed // 100)


def test_samples_are_rows_that_would_change(mixed_market):
    samples = section(select(mixed_market, "preview_correction", sample_size=25), "sample")
    before = classes(mixed_market)
    correct(mixed_market)
    changed = changed_by(before, classes(mixed_market))

    assert len(samples) == 25
    for row in samples:
        key = one(mixed_market, "SELECT (%s::jsonb ->> 'id')", row.detail)
        assert changed[key] == (row.from_value, row.to_value)
        assert row.item == one(mixed_market, "SELECT symbol FROM market_data WHERE id = %s", key)


def test_a_limit_is_taken_into_account(mixed_market):
    preview = select(mixed_market, "preview_correction", max_records_to_process=50, batch_size=20)
    assert by_item(preview, "summary")["records to correct"].records == 50
    assert by_item(preview, "plan")["batches"].records == 3


def test_it_changes_nothing(mixed_market):
    before = whole_rows(mixed_market)
    tables = "SELECT count(*) FROM pg_class WHERE relname LIKE 'market_data_backup%%'"

    select(mixed_market, "preview_correction", **ALL_WRONG)

    assert whole_rows(mixed_market) == before
    assert one(mixed_market, "SELECT count(*) FROM public.etl_execution_history") == 0
    assert one(mixed_market, tables) == 0


def test_it_works_in_a_read_only_session(mixed_market):
    expected = section(select(mixed_market, "preview_correction"), "change")
    mixed_market.execute("SET default_transaction_read_only = on")
    assert section(select(mixed_market, "preview_correction"), "change") == expected


RISKS = {
    "triggers": """
        CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
        CREATE TRIGGER slow BEFORE UPDATE ON market_data FOR EACH ROW EXECUTE FUNCTION noop()""",
    "foreign key": """
        CREATE TABLE class (name varchar(20) PRIMARY KEY);
        INSERT INTO class SELECT DISTINCT asset_class FROM market_data
         WHERE asset_class IS NOT NULL;
        ALTER TABLE market_data ADD CONSTRAINT known FOREIGN KEY (asset_class) REFERENCES class""",
    "indexes on the value": "CREATE INDEX by_class ON market_data (asset_class)",
    "no key index": "ALTER TABLE market_data DROP CONSTRAINT market_data_pkey",
    "generated column (refuses the run)": """
        ALTER TABLE market_data RENAME asset_class TO raw_class;
        ALTER TABLE market_data ADD asset_class varchar(20) GENERATED ALWAYS AS (raw_class) STORED;
        CALL etl.register_target('market_data', 'market_data', replace => true)""",
}


@pytest.mark.parametrize("risk", RISKS)
def test_risks_come_with_a_mitigation(market, risk):
    market.execute("DROP INDEX idx_market_data_symbol_asset_class")
    assert risk not in by_item(select(market, "preview_correction"), "risk")

    market.execute(RISKS[risk])

    found = by_item(select(market, "preview_correction"), "risk")[risk]
    assert found.detail
    assert found.mitigation


def test_a_long_transaction_is_a_risk_only_when_it_is_long(market, session):
    other = session()
    other.execute("BEGIN; SELECT 1")
    assert "long transactions" not in by_item(select(market, "preview_correction"), "risk")


def test_a_correction_without_backup_is_a_risk(market):
    risks = by_item(select(market, "preview_correction", create_backup=False), "risk")
    assert risks["no backup"].mitigation


def test_the_duration_comes_from_the_history_where_there_is_one(large_market):
    first = by_item(select(large_market, "preview_correction"), "plan")["duration"]
    assert "no history" in first.detail

    correct(large_market)

    second = by_item(select(large_market, "preview_correction"), "plan")["duration"]
    assert "from the history of this target" in second.detail


@pytest.mark.parametrize(
    "option",
    [
        {"batch_size": 0},
        {"max_concurrency": 0},
        {"only_process_null_asset_class": True, "overwrite_existing_values": True},
        {"target_symbols": []},
    ],
    ids=str,
)
def test_wrong_options_are_refused(market, option):
    with raises("ME003"):
        select(market, "preview_correction", **option)


def test_an_unknown_target_is_refused(market):
    with raises("ME004"):
        select(market, "preview_correction", target="nowhere")
    assert rows(market, "SELECT target FROM etl.correction_target") in ([], [("market_data",)])
