"""The rules of classification: what they decide, why, and how they are changed."""

from __future__ import annotations

import psycopg
import pytest
from classification_examples import EXAMPLES
from sql_support import Connection, one, rows, select_one, work

TICKERS = [
    (ticker, venue, asset_class)
    for asset_class, venue, tickers in EXAMPLES
    for ticker in tickers.split("|")
]

# ticker, venue, base, quote, the venue's one name
PAIRS = [
    ("BTCUSDT", None, "BTC", "USDT", None),
    ("btc-usd ", "yahoo", "BTC", "USD", "YAHOO_FINANCE"),
    ("1INCHUSDT", "binance", "1INCH", "USDT", "BINANCE"),
    ("XBTUSD", "Kraken", "BTC", "USD", "KRAKEN"),
    ("XXBTZUSD", "KRAKEN", "BTC", "USD", "KRAKEN"),
    ("XMLNZUSD", "KRAKEN", "MLN", "USD", "KRAKEN"),
    ("ZEURZUSD", None, "EUR", "USD", None),
    ("XLTCXXBT", "KRAKEN", "LTC", "BTC", "KRAKEN"),
    ("BNBBUSD", "BINANCE", "BNB", "BUSD", "BINANCE"),
    ("TUSDT", "BINANCE", "T", "USDT", "BINANCE"),
    ("1000SHIBUSDT", None, "1000SHIB", "USDT", None),
    ("ETHBTC", None, "ETH", "BTC", None),
    ("KRW-BTC", "UPBIT", "BTC", "KRW", "UPBIT"),
    ("BTC_TL", "PARIBU", "BTC", "TRY", "PARIBU"),
    ("BTCUSD.BFX", None, "BTC", "USD", "BITFINEX"),
    ("tLINK:UST", "BITFINEX", "LINK", "UST", "BITFINEX"),
    ("BTC-USDT-SWAP", "OKX", "BTC", "USDT", "OKX"),
    ("COINBASE:ETH-EUR", "TRADINGVIEW", "ETH", "EUR", "COINBASE"),
    ("EURUSD=X", "CCY", "EUR", "USD", "FOREX_MARKET"),
    ("EUR=X", None, "USD", "EUR", None),
    ("EUR.USD", None, "EUR", "USD", None),
    ("eur / usd", "fx", "EUR", "USD", "FOREX_MARKET"),
    ("GBPUSD.pro", "FXCM", "GBP", "USD", "FXCM"),
    ("XAU_XAG", "OANDA", "XAU", "XAG", "OANDA"),
    ("XAG=X", None, "USD", "XAG", None),
    ("GC=F", None, "GC", "USD", None),
    ("CLZ24.NYM", None, "CL", "USD", "NYMEX"),
    ("THYAO.IS", None, None, "TRY", "BIST"),
    ("AAPL", "NMS", None, "USD", "NASDAQ"),
    ("SAP.DE", "YAHOO_FINANCE", None, "EUR", "XETRA"),
    ("^GSPC", None, None, None, None),
]

# ticker, venue, words of the reason
UNKNOWN = [
    (None, None, "the ticker is empty"),
    ("", "BINANCE", "the ticker is empty"),
    (" \t\n", None, "the ticker is empty"),
    ("A" * 61, "NASDAQ", "too long for a ticker"),
    ("x" * 10_000, None, "too long for a ticker"),
    ("AAPL", None, "a bare ticker says nothing without its venue"),
    ("AAPL", "Some Where", "venue SOMEWHERE is not in etl.venue_alias"),
    ("THYAO.IS", "NASDAQ", "the ticker names BIST, the listing NASDAQ"),
    ("BTC-USD", "NASDAQ", "no rule knows this form; venue NASDAQ (stock)"),
    ("MNTUSD", None, "a currency and a coin"),
    ("XAUUSDT", None, "a token or a derivative"),
    ("VTSAX", "NASDAQ", "an open fund"),
    ("^EBLU-NV", "NYSE", "an indicative value of a fund"),
    ("\U0001f680USDT", None, "no rule knows this form"),
]

PARTNERS = [
    ("EURUSD", "EURUSD=X", "EUR/USD", "eur_usd ", "FX:EURUSD"),
    ("BTCUSD", "BTC-USD", "XBTUSD", "XBT/USD", "XXBTZUSD", "BTCUSD.BFX", "X:BTCUSD", "BTC-USD.CC"),
    ("BTCUSDT", "btcusdt ", "BTC/USDT", "BTC_USDT", "BINANCE:BTCUSDT"),
    ("THYAO", "THYAO.IS", "BIST:THYAO", " thyao.is"),
    ("BRK.B", "BRK-B", "BRK/B", "NYSE:BRK.B"),
    ("BAC-PL", "BAC.PRL", "BAC^L", "BAC PR L"),
    ("EUR=X", "USDEUR", "USD/EUR"),
    ("AAPL", "AAPL.US", "NASDAQ:AAPL"),
]


@pytest.fixture(scope="module")
def calm(pg_server, migrated_template):
    """Return one database for all tests that only ask."""
    with pg_server.clone(migrated_template.template_dbname) as db:
        yield db


def classify(db: Connection, listings):
    """Return class and rule of each ticker, by ticker and venue."""
    found = rows(
        db,
        "SELECT item, asset_class, rule FROM etl._classify(%s::text[], %s::text[])",
        [ticker for ticker, *_ in listings],
        [venue for _, venue, *_ in listings],
    )
    return {tuple(listings[item - 1][:2]): (value, rule) for item, value, rule in found}


def decided(db: Connection, ticker, venue=None):
    row = select_one(db, "classify_symbol", ticker=ticker, venue=venue)
    return row.asset_class, row.rule


def add_rule(db: Connection, rule="house_style", **columns):
    columns = {
        "rule": rule,
        "priority": 1,
        "ticker_pattern": "^AAPL$",
        "asset_class": "ETF",
        "confidence": 1,
        "note": "because we say so",
        **columns,
    }
    db.execute(
        f"INSERT INTO etl.asset_class_rule ({', '.join(columns)})"
        f" VALUES ({', '.join(['%s'] * len(columns))})",
        list(columns.values()),
    )


def test_tickers_get_their_class(calm):
    found = classify(calm, TICKERS)

    wrong = {
        (ticker, venue): (found[ticker, venue], wanted)
        for ticker, venue, wanted in TICKERS
        if found[ticker, venue][0] != wanted
    }
    assert wrong == {}
    assert len(found) == len(TICKERS) > 800


def test_every_rule_is_needed_by_some_ticker(calm):
    deciding = {rule for _, rule in classify(calm, TICKERS).values()} - {None}
    assert deciding == {rule for (rule,) in rows(calm, "SELECT rule FROM etl.asset_class_rule")}


@pytest.mark.parametrize(("ticker", "venue", "base", "quote", "name"), PAIRS)
def test_what_is_traded_against_what_and_where(calm, ticker, venue, base, quote, name):
    row = select_one(calm, "classify_symbol", ticker=ticker, venue=venue)
    assert (row.base_currency, row.quote_currency, row.venue) == (base, quote, name)


@pytest.mark.parametrize(("ticker", "venue", "words"), UNKNOWN)
def test_what_is_not_known_is_not_guessed(calm, ticker, venue, words):
    row = select_one(calm, "classify_symbol", ticker=ticker, venue=venue)
    assert (row.asset_class, row.confidence, row.needs_review) == ("UNKNOWN", 0, True)
    assert words in row.reason


def test_an_answer_explains_itself(calm):
    row = select_one(calm, "classify_symbol", ticker=" xbt/usd ", venue="gdax")
    note = one(calm, "SELECT note FROM etl.asset_class_rule WHERE rule = %s", row.rule)

    assert row.ticker == "XBT/USD"
    assert row.reason == f"{note}: BTC against USD; venue COINBASE (crypto)"
    assert (row.needs_review, row.needs_enrichment) == (False, False)


def test_a_share_by_its_venue_alone_is_to_be_enriched(calm):
    share = select_one(calm, "classify_symbol", ticker="SPY", venue="NYSE")
    preferred = select_one(calm, "classify_symbol", ticker="BAC-PL", venue="NYSE")

    assert (share.asset_class, share.needs_enrichment, share.needs_review) == ("STOCK", True, False)
    assert (preferred.asset_class, preferred.needs_enrichment) == ("STOCK", False)
    assert share.confidence < preferred.confidence


def test_your_rule_goes_before_the_librarys_of_the_same_priority(db):
    library = one(db, "SELECT priority FROM etl.asset_class_rule WHERE rule = 'us_share'")
    add_rule(db, rule="zz_house_style", priority=library)
    assert decided(db, "AAPL", "NASDAQ") == ("ETF", "zz_house_style")
    assert decided(db, "MSFT", "NASDAQ") == ("STOCK", "us_share")

    db.execute("UPDATE etl.asset_class_rule SET priority = priority + 1 WHERE rule LIKE 'zz%'")
    assert decided(db, "AAPL", "NASDAQ") == ("STOCK", "us_share")


def test_a_changed_rule_takes_effect(db):
    db.execute("UPDATE etl.asset_class_rule SET asset_class = 'FUND' WHERE rule = 'us_mutual_fund'")
    assert decided(db, "VTSAX", "NASDAQ") == ("FUND", "us_mutual_fund")


def test_a_disabled_rule_does_not_decide(db):
    db.execute("UPDATE etl.asset_class_rule SET is_enabled = false WHERE rule = 'us_share'")
    assert decided(db, "AAPL", "NASDAQ") == ("UNKNOWN", None)


def test_without_any_rule_nothing_is_known(db):
    db.execute("UPDATE etl.asset_class_rule SET is_enabled = false")
    assert set(classify(db, TICKERS).values()) == {("UNKNOWN", None)}


def test_codes_and_venues_are_data(db):
    assert decided(db, "ZORKUSD") == ("UNKNOWN", None)
    assert decided(db, "ZORK", "Planet Nine") == ("UNKNOWN", None)

    db.execute("INSERT INTO etl.currency_code (code, kind, name) VALUES ('ZORK', 'coin', 'Zork')")
    db.execute("INSERT INTO etl.venue VALUES ('PLANET_NINE', 'crypto', NULL)")
    db.execute(
        "INSERT INTO etl.venue_alias VALUES ('PLANETNINE', 'PLANET_NINE'), ('.P9', 'PLANET_NINE')"
    )

    assert decided(db, "ZORKUSD") == ("CRYPTO", "coin_pair")
    assert decided(db, "ZORK", "Planet Nine") == ("CRYPTO", "coin_alone")
    assert decided(db, "ZORK.P9") == ("CRYPTO", "coin_alone")

    db.execute("UPDATE etl.currency_code SET is_enabled = false WHERE code = 'ZORK'")
    assert decided(db, "ZORKUSD") == ("UNKNOWN", None)


def test_a_kind_without_codes_matches_nothing(db):
    db.execute("UPDATE etl.currency_code SET is_enabled = false WHERE kind = 'metal'")
    assert decided(db, "XAUUSD") == ("UNKNOWN", "bare_ticker")
    assert decided(db, "EURUSD") == ("FOREX", "major_pair")


@pytest.mark.parametrize("columns", [{"ticker_pattern": "^(A"}, {"venue_pattern": "["}], ids=str)
def test_a_pattern_that_cannot_be_read_is_refused(db, columns):
    with pytest.raises(psycopg.DatabaseError) as refused:
        add_rule(db, **columns)
    assert refused.value.sqlstate == "ME003"
    assert decided(db, "AAPL", "NASDAQ") == ("STOCK", "us_share")


def test_a_group_that_the_pattern_lacks_is_no_error(db):
    add_rule(db, base_expression=r"\2", quote_expression="{currency}")
    row = select_one(db, "classify_symbol", ticker="AAPL", venue="NASDAQ")
    assert (row.asset_class, row.base_currency, row.quote_currency) == ("ETF", None, "USD")


def test_an_installation_keeps_what_users_changed(db):
    add_rule(db)
    db.execute("UPDATE etl.asset_class_rule SET note = 'ours' WHERE rule = 'us_share'")
    db.execute("UPDATE etl.asset_class_rule SET is_enabled = false WHERE rule = 'coin_pair'")
    db.execute("DELETE FROM etl.asset_class_rule WHERE rule = 'caret_index'")
    db.execute("UPDATE etl.currency_code SET is_quote = false WHERE code = 'TRY'")
    before = rows(db, "SELECT * FROM etl.asset_class_rule ORDER BY rule")

    db.execute("SELECT etl._install_classification()")

    after = rows(db, "SELECT * FROM etl.asset_class_rule WHERE rule <> 'caret_index' ORDER BY rule")
    assert after == before
    assert decided(db, "^GSPC") == ("INDEX", "caret_index")
    assert one(db, "SELECT is_quote FROM etl.currency_code WHERE code = 'TRY'") is False


def test_an_installation_brings_rules_up_to_date_that_nobody_changed(db):
    wanted = rows(db, "SELECT * FROM etl.asset_class_rule ORDER BY rule")
    # As an older version would have left them: one that said less, and one that is gone today.
    db.execute("""
        UPDATE etl.asset_class_rule
           SET note = 'older', shipped = jsonb_set(shipped, '{note}', '"older"')
         WHERE rule = 'us_share'
    """)
    add_rule(db, rule="gone_today")
    db.execute("""
        UPDATE etl.asset_class_rule r SET shipped = to_jsonb(r) - 'shipped' - 'is_enabled'
         WHERE rule = 'gone_today'
    """)

    db.execute("SELECT etl._install_classification()")

    assert rows(db, "SELECT * FROM etl.asset_class_rule ORDER BY rule") == wanted


def test_who_may_do_what(db):
    db.execute("SET ROLE etl_reader")
    assert decided(db, "EURUSD") == ("FOREX", "major_pair")
    assert one(db, "SELECT count(*) FROM etl.asset_class_rule") > 50
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute("UPDATE etl.asset_class_rule SET priority = 1")
    db.execute("SET ROLE etl_admin")
    add_rule(db)
    db.execute("UPDATE etl.asset_class_rule SET confidence = 0.5 WHERE rule = 'house_style'")
    assert decided(db, "AAPL") == ("ETF", "house_style")
    db.execute("DELETE FROM etl.asset_class_rule WHERE rule = 'house_style'")
    assert decided(db, "AAPL") == ("UNKNOWN", "bare_ticker")
    db.execute("RESET ROLE")


def test_below_seventy_percent_a_human_should_look(db):
    add_rule(db, confidence=0.69)
    assert select_one(db, "classify_symbol", ticker="AAPL").needs_review is True
    db.execute("UPDATE etl.asset_class_rule SET confidence = 0.70 WHERE rule = 'house_style'")
    assert select_one(db, "classify_symbol", ticker="AAPL").needs_review is False


def test_the_form_of_a_rule_never_hides_a_match(calm):
    """The cheap test that goes before each pattern lets everything through that matches."""
    bodies = rows(
        calm,
        "SELECT DISTINCT body FROM etl._parse_listings(%s::text[], %s::text[])",
        [ticker for ticker, *_ in TICKERS],
        [venue for _, venue, _ in TICKERS],
    )
    rules = rows(
        calm,
        "SELECT r.rule, e.pattern, e.form"
        "  FROM etl.asset_class_rule r, etl._expand_pattern(r.ticker_pattern) e",
    )
    # Rule by rule: PostgreSQL keeps 32 compiled regular expressions, and compiling is what costs.
    hidden = [
        (rule, body)
        for rule, pattern, form in rules
        for (body,) in rows(
            calm,
            "SELECT body FROM unnest(%s::text[]) body WHERE body ~ %s AND body !~ %s",
            [body for (body,) in bodies],
            pattern,
            form,
        )
    ]
    assert len(bodies) > 600
    assert hidden == []


PARTNER_KEY = "SELECT partner_key FROM etl._partner_keys(ARRAY[%s])"


@pytest.mark.parametrize("tickers", PARTNERS, ids=lambda tickers: tickers[0])
def test_likely_partners_share_a_key(calm, tickers):
    keys = {ticker: one(calm, PARTNER_KEY, ticker) for ticker in tickers}
    assert len(set(keys.values())) == 1, keys


def test_others_do_not_share_a_key(calm):
    keys = [one(calm, PARTNER_KEY, tickers[0]) for tickers in PARTNERS]
    assert len(set(keys)) == len(PARTNERS)


def test_the_work_grows_with_the_tickers_not_with_their_square(calm):
    few, many = (classifying(calm, copies) for copies in (4, 50_000 // len(TICKERS) + 1))
    assert few.rows == 4 * len(TICKERS)
    assert many.rows > 50_000
    assert many.shared_blocks <= 1.1 * few.shared_blocks, "rules and codes are read once"
    assert many.temporary_blocks < 2 * few.temporary_blocks * many.rows / few.rows


def classifying(db, copies):
    """Return what it takes to classify all tickers so many times."""
    tickers, venues = zip(*[(t, v) for t, v, _ in TICKERS] * copies, strict=True)
    query = "SELECT * FROM etl._classify(%s::text[], %s::text[])"
    classify(db, TICKERS)  # what a session reads only once
    done = work(db, query, list(tickers), list(venues))
    assert done.rows == len(tickers)
    return done
