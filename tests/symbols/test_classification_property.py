"""Classification on texts that nobody thought of, and in any order."""

from __future__ import annotations

import psycopg
import pytest
from classification_examples import EXAMPLES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LISTINGS = [(t, v) for _, venue, tickers in EXAMPLES for t in tickers.split("|") for v in {venue}]
CODES = [
    "BTC",
    "ETH",
    "USDT",
    "USD",
    "EUR",
    "TRY",
    "XAU",
    "SBD",
    "MNT",
    "FOO",
    "1INCH",
    "AAPL",
    "B",
]
MARKS = [
    "",
    "",
    "-",
    "/",
    "_",
    ".",
    " ",
    ":",
    "^",
    "=X",
    "=F",
    ".IS",
    ".L",
    "-PL",
    "PERP",
    "BINANCE:",
]

texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
    st.lists(st.sampled_from(CODES + MARKS), max_size=6).map("".join),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3).map(
        lambda text: text * 4000
    ),
)
venues = st.one_of(
    st.none(),
    st.sampled_from(["BINANCE", "NASDAQ", "bist", "OANDA", "Yahoo", "COMEX", "SNP", "nowhere", ""]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
)
listings = st.lists(st.tuples(st.one_of(st.none(), texts), venues), max_size=12)
fewer = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

BATCH = """
SELECT item, ticker, asset_class, rule, confidence, base_currency, quote_currency, venue,
       needs_review, needs_enrichment, reason
  FROM etl._classify(%s::text[], %s::text[])
"""
SINGLE = """
SELECT ticker, asset_class, rule, confidence, base_currency, quote_currency, venue,
       needs_review, needs_enrichment, reason
  FROM etl.classify_symbol(%s, %s)
"""


def batch(db: psycopg.Connection, asked):
    """Return the answers in the order of the questions."""
    found = db.execute(BATCH, [[t for t, _ in asked], [v for _, v in asked]]).fetchall()
    assert sorted(item for item, *_ in found) == list(range(1, len(asked) + 1))
    return [tuple(answer) for _, *answer in sorted(found)]


@fewer
@given(asked=listings)
def test_any_text_gets_one_answer_alone_or_among_others(db, asked):
    answers = batch(db, asked)
    for (ticker, venue), answer in zip(asked, answers, strict=True):
        assert db.execute(SINGLE, [ticker, venue]).fetchall() == [answer]
        _, asset_class, rule, confidence, *_, needs_review, _, reason = answer
        assert reason
        assert 0 <= confidence <= 1
        assert needs_review or (asset_class != "UNKNOWN" and rule is not None)


@fewer
@given(asked=listings, dice=st.randoms(use_true_random=False))
def test_the_order_does_not_matter(db, asked, dice):
    order = list(range(len(asked)))
    dice.shuffle(order)
    answers = batch(db, asked)
    assert batch(db, [asked[n] for n in order]) == [answers[n] for n in order]


@fewer
@given(
    known=st.lists(st.sampled_from(LISTINGS), min_size=1, max_size=8),
    padding=st.tuples(*[st.text(" \t\n\r\N{NO-BREAK SPACE}", max_size=3)] * 2),
    recase=st.sampled_from([str.lower, str.upper, str.title, str.swapcase]),
)
def test_case_and_padding_do_not_matter(db, known, padding, recase):
    before, behind = padding
    changed = [
        (before + recase(ticker) + behind, venue and before + recase(venue) + behind)
        for ticker, venue in known
    ]
    assert batch(db, changed) == batch(db, known)


@fewer
@given(asked=st.lists(texts, min_size=1, max_size=8))
def test_normal_forms_stay_as_they_are(db, asked):
    for ticker in asked:
        query = "SELECT n, etl._normalize_ticker(n) FROM etl._normalize_ticker(%s) n"
        ((once, twice),) = db.execute(query, [ticker]).fetchall()
        assert once == twice


def test_the_order_in_which_rows_lie_in_the_tables_does_not_matter(db):
    answers = batch(db, LISTINGS)
    for table, key in [("asset_class_rule", "rule"), ("currency_code", "code, kind DESC")]:
        db.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM etl.{table}")
        with db.transaction():
            db.execute("SET CONSTRAINTS ALL DEFERRED")
            db.execute(f"ALTER TABLE etl.{table} DISABLE TRIGGER ALL")
            db.execute(f"DELETE FROM etl.{table}")
            db.execute(
                f"INSERT INTO etl.{table} SELECT * FROM kept ORDER BY md5(kept::text), {key}"
            )
            db.execute(f"ALTER TABLE etl.{table} ENABLE TRIGGER ALL")
        db.execute("DROP TABLE kept")
    assert batch(db, LISTINGS) == answers


def test_nothing_asked_nothing_answered(db):
    assert batch(db, []) == []
    assert db.execute("SELECT count(*) FROM etl._classify(NULL, NULL)").fetchone() == (0,)


@pytest.mark.parametrize("venues_given", [None, [], ["BINANCE", "BINANCE", "BINANCE"]], ids=str)
def test_venues_that_are_missing_or_too_many(db, venues_given):
    found = db.execute(BATCH, [["BTCUSDT", "FOOBTC"], venues_given]).fetchall()
    expected = "CRYPTO" if venues_given else "UNKNOWN"
    assert {item: row[1] for item, *row in found} == {1: "CRYPTO", 2: expected}
