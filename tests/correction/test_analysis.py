"""analyze_asset_classes(): every figure against one computed here from the rows themselves."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from sql_support import CLASSES, access, one, rows, select_one


def measured_by_hand(db):
    """Every count and score of design section 6, in plain Python."""
    listings = defaultdict(list)
    for ticker, value in rows(db, "SELECT ticker, asset_class FROM symbols"):
        listings[ticker].append(value)
    bars = rows(db, "SELECT symbol, asset_class FROM market_data")
    stated = {t: {v for v in values if v and v.strip()} for t, values in listings.items()}
    truth = {t: next(iter(v)) for t, v in stated.items() if len(v) == 1 and v <= set(CLASSES)}

    def count(condition):
        return sum(bool(condition(symbol, value)) for symbol, value in bars)

    def percent(part, whole):
        return round(100 * part / whole, 2) if whole else 100

    total = len(bars)
    complete = count(lambda s, v: v in CLASSES)
    orphaned = count(lambda s, v: s not in listings)
    mapped = count(lambda s, v: s in truth)
    consistent = count(lambda s, v: s in truth and v == truth[s])
    good = count(lambda s, v: v in CLASSES and v in stated.get(s, ()))
    symbols = {s for s, _ in bars}
    return {
        "total_records": total,
        "null_records": count(lambda s, v: v is None),
        "empty_records": count(lambda s, v: v == ""),
        "unknown_class_records": count(lambda s, v: v and v not in CLASSES),
        "mismatched_records": count(lambda s, v: v in CLASSES and truth.get(s, v) != v),
        "orphaned_records": orphaned,
        "ambiguous_records": count(lambda s, v: len(stated.get(s, ())) > 1),
        "unmappable_records": count(
            lambda s, v: s in listings and s not in truth and len(stated[s]) < 2
        ),
        "correctable_records": mapped - consistent,
        "completeness_score": percent(complete, total),
        "integrity_score": percent(total - orphaned, total),
        "consistency_score": percent(consistent, mapped),
        "data_quality_score": percent(good, total),
        "symbols_referenced": len(symbols),
        "symbols_without_bars": len(set(active_tickers(db)) - symbols),
        "orphaned_symbols": len(symbols - listings.keys()),
    }


def active_tickers(db):
    return [ticker for (ticker,) in rows(db, "SELECT ticker FROM symbols WHERE is_active")]


def figures(analysis, names):
    return {name: pytest.approx(float(getattr(analysis, name)), abs=0.005) for name in names}


@pytest.mark.parametrize("name", ["market", "mixed_market", "large_market"])
def test_every_figure_is_right(request, name):
    db = request.getfixturevalue(name)
    db.execute("INSERT INTO symbols (ticker, asset_class, is_active) VALUES ('GONE', 'ETF', false)")
    expected = measured_by_hand(db)

    analysis = select_one(db, "analyze_asset_classes")

    assert expected == figures(analysis, expected)
    assert analysis.estimated_batches == -(-expected["correctable_records"] // 1000)
    assert analysis.estimated_duration.total_seconds() > 0


def test_an_empty_table_is_without_fault(market):
    market.execute("TRUNCATE market_data")

    analysis = select_one(market, "analyze_asset_classes")

    expected = measured_by_hand(market)
    assert expected == figures(analysis, expected)
    assert analysis.data_quality_score == 100
    assert (analysis.worst_symbols, analysis.recommendations) == ([], [])
    assert analysis.estimated_batches == 0


def test_an_empty_dimension_makes_every_row_an_orphan(market):
    market.execute("TRUNCATE symbols")

    analysis = select_one(market, "analyze_asset_classes")

    assert analysis.orphaned_records == analysis.total_records == 140
    assert (analysis.integrity_score, analysis.consistency_score) == (0, 100)


def test_it_reads_the_table_once(mixed_market):
    before, _ = access(mixed_market, "market_data")
    select_one(mixed_market, "analyze_asset_classes")
    after, _ = access(mixed_market, "market_data")
    assert after - before == 1


def test_symbols_whose_rows_need_it_most_come_first(mixed_market):
    mixed_market.execute(
        "INSERT INTO market_data (symbol, timeframe, timestamp)"
        " SELECT 'GLD', '5m', now() + n * interval '5 minutes' FROM generate_series(1, 99) n"
    )
    needing, total = Counter(), Counter()
    listings = defaultdict(list)
    for ticker, value in rows(mixed_market, "SELECT ticker, asset_class FROM symbols"):
        listings[ticker].append(value)
    for symbol, value in rows(mixed_market, "SELECT symbol, asset_class FROM market_data"):
        total[symbol] += 1
        needing[symbol] += value not in CLASSES or value not in listings[symbol]
    reasons = {
        "ORPHAN1": "no such symbol",
        "GLD": "its listings disagree",
        "STRANGE": "its symbol has no valid class",
        "AAPL": "can be corrected",
    }

    worst = select_one(mixed_market, "analyze_asset_classes").worst_symbols

    assert [entry["needing_correction"] for entry in worst] == sorted(needing.values())[:-11:-1]
    for entry in worst:
        assert entry["records"] == total[entry["symbol"]]
        assert entry["needing_correction"] == needing[entry["symbol"]]
        assert entry["reason"] == reasons.get(entry["symbol"], entry["reason"])
    assert {entry["reason"] for entry in worst} == set(reasons.values())


def test_recommendations_name_the_command_that_helps(market):
    """Following them from top to bottom leaves nothing to be corrected."""
    advice = select_one(market, "analyze_asset_classes").recommendations
    commands = [line.split(": ", 1)[1] for line in advice if "CALL " in line]
    assert len(commands) == 4

    for command in commands:
        market.execute(command)

    after = select_one(market, "analyze_asset_classes")
    assert after.correctable_records == 0
    assert not [line for line in after.recommendations if "CALL " in line]
    assert len(after.recommendations) == 2


def test_the_measurement_is_kept(market):
    analysis = select_one(market, "analyze_asset_classes")
    stored = one(
        market,
        "SELECT to_jsonb(a) FROM etl.analysis a WHERE a.analysis_id = %s",
        analysis.analysis_id,
    )
    assert stored["total_records"] == 140
    assert float(stored["data_quality_score"]) == float(analysis.data_quality_score)
    assert stored["target"] == "market_data"
