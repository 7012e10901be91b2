"""When markets are open: wall time, changes of daylight saving, midnight, weekends."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sql_support import call, raises, rows, select, select_one


def add_market(db, code, zone, sessions, **columns):
    """Add a market; sessions: (type, days, start, end)."""
    values = {"time_zone": zone, "is_active": True} | columns
    ((key,),) = rows(
        db,
        "INSERT INTO markets (code, name, asset_class_id, time_zone, is_active)"
        " SELECT %s, %s, min(id), %s, %s FROM asset_classes RETURNING id",
        *(code, code, values["time_zone"], values["is_active"]),
    )
    for kind, days, start, end in sessions:
        db.execute(
            "INSERT INTO trading_sessions (market_id, session_name, session_type, day_of_week,"
            " start_time, end_time) SELECT %s, %s, %s, day, %s, %s FROM unnest(%s::int[]) AS day",
            (key, f"{kind} {start}", kind, start, end, days),
        )
    return key


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def status(db, market, moment):
    """Return status, next change (UTC, to the minute) and what it changes to."""
    found = select_one(db, "market_status", market=market, at=at(moment))
    change = found.next_change
    if change is not None:
        change = change.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    return found.status, change, found.next_status


NEW_YORK = [
    # winter
    ("2026-01-05 08:59", "closed", "2026-01-05 09:00", "pre_market"),
    ("2026-01-05 14:29", "pre_market", "2026-01-05 14:30", "open"),
    ("2026-01-05 14:30", "open", "2026-01-05 21:00", "after_hours"),
    ("2026-01-09 21:00", "after_hours", "2026-01-10 01:00", "closed"),
    ("2026-01-10 12:00", "closed", "2026-01-12 09:00", "pre_market"),
    # the weekend on which clocks go forward: one hour earlier on Monday
    ("2026-03-06 20:59", "open", "2026-03-06 21:00", "after_hours"),
    ("2026-03-07 01:00", "closed", "2026-03-09 08:00", "pre_market"),
    ("2026-03-08 06:59", "closed", "2026-03-09 08:00", "pre_market"),
    ("2026-03-08 07:00", "closed", "2026-03-09 08:00", "pre_market"),
    ("2026-03-09 13:29", "pre_market", "2026-03-09 13:30", "open"),
    ("2026-03-09 13:30", "open", "2026-03-09 20:00", "after_hours"),
    # the weekend on which they go back: one hour later on Monday
    ("2026-10-30 19:59", "open", "2026-10-30 20:00", "after_hours"),
    ("2026-10-31 00:00", "closed", "2026-11-02 09:00", "pre_market"),
    ("2026-11-01 05:30", "closed", "2026-11-02 09:00", "pre_market"),
    ("2026-11-01 06:30", "closed", "2026-11-02 09:00", "pre_market"),
    ("2026-11-02 13:30", "pre_market", "2026-11-02 14:30", "open"),
    ("2026-11-02 14:30", "open", "2026-11-02 21:00", "after_hours"),
]
FOREX = [
    ("2026-01-07 22:00", "open", "2026-01-09 22:00", "closed"),  # no change from day to day
    ("2026-03-06 21:59", "open", "2026-03-06 22:00", "closed"),
    ("2026-03-06 22:00", "closed", "2026-03-08 21:00", "open"),
    ("2026-03-08 20:59", "closed", "2026-03-08 21:00", "open"),
    ("2026-03-08 21:00", "open", "2026-03-13 21:00", "closed"),
    ("2026-10-30 21:00", "closed", "2026-11-01 22:00", "open"),
    ("2026-11-01 21:59", "closed", "2026-11-01 22:00", "open"),
    ("2026-11-01 22:00", "open", "2026-11-06 22:00", "closed"),
]
ISTANBUL = [  # no daylight saving: the same all the year
    (day + time, status, day + change, following)
    for day in ("2026-01-05 ", "2026-03-09 ", "2026-03-30 ", "2026-07-06 ", "2026-10-26 ")
    for time, status, change, following in [
        ("06:39", "closed", "06:40", "opening_auction"),
        ("06:40", "opening_auction", "07:00", "open"),
        ("07:00", "open", "15:00", "closing_auction"),
        ("15:09", "closing_auction", "15:10", "closed"),
    ]
]
CRYPTO = [
    (moment, "open", None, None)
    for moment in ("2026-01-01 00:00", "2026-03-08 07:00", "2026-03-29 01:00", "2026-11-01 05:59")
]


@pytest.mark.parametrize(
    ("market", "course"),
    [
        ("NASDAQ", NEW_YORK),
        ("NYSE", NEW_YORK),
        ("FOREX_MARKET", FOREX),
        ("OANDA", FOREX),
        ("BIST", ISTANBUL),
        ("BINANCE", CRYPTO),
        ("COINBASE", CRYPTO),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_course_of_a_market(markets, market, course):
    for moment, *expected in course:
        assert status(markets, market, moment) == tuple(expected), moment


def test_daylight_saving_of_europe(markets):
    add_market(markets, "XETRA", "Europe/Berlin", [("REGULAR", [1, 2, 3, 4, 5], "09:00", "17:30")])
    for moment, *expected in [
        ("2026-03-27 08:00", "open", "2026-03-27 16:30", "closed"),
        ("2026-03-29 00:59", "closed", "2026-03-30 07:00", "open"),
        ("2026-03-30 07:00", "open", "2026-03-30 15:30", "closed"),
        ("2026-10-23 07:00", "open", "2026-10-23 15:30", "closed"),
        ("2026-10-23 15:30", "closed", "2026-10-26 08:00", "open"),
        ("2026-10-26 08:00", "open", "2026-10-26 16:30", "closed"),
    ]:
        assert status(markets, "XETRA", moment) == tuple(expected), moment


def test_sessions_that_span_midnight(markets):
    """Also over the night on which clocks change: five hours in spring, seven in autumn."""
    add_market(markets, "NIGHT", "Europe/Berlin", [("REGULAR", [5, 6], "22:00", "04:00")])
    for moment, *expected in [
        ("2026-01-09 20:59", "closed", "2026-01-09 21:00", "open"),
        ("2026-01-10 02:59", "open", "2026-01-10 03:00", "closed"),
        ("2026-01-11 03:00", "closed", "2026-01-16 21:00", "open"),
        ("2026-03-28 21:00", "open", "2026-03-29 02:00", "closed"),
        ("2026-10-24 20:00", "open", "2026-10-25 03:00", "closed"),
        ("2026-10-25 02:30", "open", "2026-10-25 03:00", "closed"),
    ]:
        assert status(markets, "NIGHT", moment) == tuple(expected), moment


def test_breaks_and_overlapping_sessions(markets):
    """A break counts more than trading, trading more than what lies around it."""
    key = add_market(
        markets,
        "TSE",
        "Asia/Tokyo",
        [
            ("EXTENDED", [1], "08:00", "17:00"),
            ("REGULAR", [1], "09:00", "15:00"),
            ("LUNCH", [1], "11:30", "12:30"),
        ],
    )
    markets.execute(
        "UPDATE trading_sessions SET is_trading_enabled = false"
        " WHERE market_id = %s AND session_type = 'LUNCH'",
        (key,),
    )
    course = [("2026-01-04 22:00", "closed")]
    for _ in range(6):
        _, change, following = status(markets, "TSE", course[-1][0])
        course.append((change, following))
    assert course[1:] == [
        ("2026-01-04 23:00", "extended"),
        ("2026-01-05 00:00", "open"),
        ("2026-01-05 02:30", "closed"),
        ("2026-01-05 03:30", "open"),
        ("2026-01-05 06:00", "extended"),
        ("2026-01-05 08:00", "closed"),
    ]


def test_last_second_of_the_day_is_midnight(markets):
    add_market(markets, "ALWAYS", "UTC", [("REGULAR", list(range(7)), "00:00", "23:59:59")])
    assert status(markets, "ALWAYS", "2026-01-05 23:59") == ("open", None, None)


def test_time_limits_of_sessions(markets):
    key = add_market(markets, "LIMITED", "UTC", [("REGULAR", [1], "09:00", "10:00")])
    markets.execute(
        "UPDATE trading_sessions SET effective_from = '2026-01-12', effective_to = '2026-01-12'"
        " WHERE market_id = %s",
        (key,),
    )
    assert status(markets, "LIMITED", "2026-01-05 09:30") == ("closed", "2026-01-12 09:00", "open")
    assert status(markets, "LIMITED", "2026-01-12 09:30") == ("open", "2026-01-12 10:00", "closed")
    assert status(markets, "LIMITED", "2026-01-19 09:30") == ("closed", None, None)


def test_markets_about_which_nothing_can_be_said(markets):
    add_market(markets, "IDLE", "UTC", [("REGULAR", [1], "09:00", "10:00")], is_active=False)
    add_market(markets, "EMPTY", "UTC", [])
    add_market(markets, "LOST", "Mars/Olympus", [("REGULAR", [1], "09:00", "10:00")])
    found = {
        row.market_code: (row.status, row.next_change, row.detail is not None, row.local_time)
        for row in select(markets, "market_status", at=at("2026-01-05 09:30"))
    }
    moment = datetime.fromisoformat("2026-01-05 09:30")
    assert found["IDLE"] == ("inactive", None, True, moment)
    assert found["EMPTY"] == ("unknown", None, True, moment)
    assert found["LOST"] == ("unknown", None, True, None)
    assert found["BIST"][0] == "open"


def test_the_time_zone_of_the_session_does_not_matter(markets, session):
    query = (
        "SELECT market_code, status, session_name, extract(epoch FROM local_time),"
        " extract(epoch FROM next_change), next_status"
        " FROM etl.market_status(at => timestamptz '2026-03-09 13:30+00')"
    )
    expected = rows(markets, query)
    for zone in ("Asia/Tokyo", "America/New_York", "UTC"):
        other = session(
            options=f"-c timezone={zone} -c datestyle=SQL,DMY -c intervalstyle=iso_8601"
        )
        assert rows(other, query) == expected, zone


def test_unknown_market(markets):
    with raises("ME003") as caught:
        select(markets, "market_status", market="XETRA")
    assert "BINANCE, BIST" in caught.value.diag.message_hint
    for moment in (None, "infinity"):
        with raises("ME003"):
            rows(markets, "SELECT * FROM etl.market_status(at => %s::timestamptz)", moment)


def test_case_and_padding_of_the_code(markets):
    assert select_one(markets, "market_status", market=" nasdaq ").market_code == "NASDAQ"


def test_every_kind_of_table_gives_the_same_answer(platform):
    call(platform.db, "bootstrap_reference_data")
    for market, course in [("NASDAQ", NEW_YORK), ("FOREX_MARKET", FOREX), ("BIST", ISTANBUL)]:
        for moment, *expected in course[3:8]:
            assert status(platform.db, market, moment) == tuple(expected), (market, moment)


def test_against_an_independent_calendar(markets):
    """Random moments of three years, and those around each change of the clocks."""
    dice = random.Random(20260308)
    start = at("2025-01-01 00:00")
    moments = [start + timedelta(minutes=dice.randrange(3 * 365 * 24 * 60)) for _ in range(80)]
    for change in ("2025-03-09 07:00", "2026-11-01 06:00", "2027-03-14 07:00"):
        moments += [at(change) + timedelta(hours=hours) for hours in range(-30, 31, 6)]
    found = rows(
        markets,
        "SELECT a.at, m.market_code, m.status, m.local_time"
        "  FROM unnest(%s::timestamptz[]) AS a (at)"
        " CROSS JOIN LATERAL etl.market_status(NULL, a.at) m",
        moments,
    )
    assert len(found) == 9 * len(moments)
    for moment, market, found_status, local_time in found:
        zone = {"BIST": "Europe/Istanbul", "NASDAQ": "America/New_York"}.get(market)
        if market in ("NYSE", "FOREX_MARKET", "OANDA"):
            zone = "America/New_York"
        local = moment.astimezone(ZoneInfo(zone or "UTC"))
        assert local_time == local.replace(tzinfo=None)
        assert found_status == _expected(market, local), (market, local)


STOCK = [("04:00", "pre_market"), ("09:30", "open"), ("16:00", "after_hours"), ("20:00", "closed")]
STOCK_BIST = [
    ("09:40", "opening_auction"),
    ("10:00", "open"),
    ("18:00", "closing_auction"),
    ("18:10", "closed"),
]


def _expected(market, local):
    """What a market is at this local time, said in another way than the library says it."""
    day, time = local.isoweekday(), local.strftime("%H:%M")
    if market in ("FOREX_MARKET", "OANDA"):
        closed = day == 6 or (day == 5 and time >= "17:00") or (day == 7 and time < "17:00")
        return "closed" if closed else "open"
    if market in ("NASDAQ", "NYSE", "BIST"):
        if day > 5:
            return "closed"
        course = STOCK_BIST if market == "BIST" else STOCK
        return next((what for begin, what in reversed(course) if time >= begin), "closed")
    return "open"
