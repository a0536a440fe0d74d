from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from leanfeed.errors import ConfigurationError, InvalidRequestError
from leanfeed.lean.market_hours import MarketHours, market_hours, zone
from leanfeed.values import SecurityType, Session, Symbol

SPY = Symbol("SPY")
BITCOIN = Symbol("BTCUSD", SecurityType.CRYPTO, "coinbase")
ENTRY = {"dataTimeZone": "UTC", "exchangeTimeZone": "UTC"}
ALL_DAY = [{"start": "00:00:00", "end": "1.00:00:00", "state": "market"}]
NINE_TO_FIVE = [{"start": "09:00:00", "end": "17:00:00", "state": "market"}]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def dates(sessions: tuple[Session, ...]) -> list[str]:
    return [str(session) for session in sessions]


def clock(instant: int, zone_name: str = "America/New_York") -> str:
    moment = dt.datetime.fromtimestamp(instant / 1000, dt.UTC)
    return f"{moment.astimezone(ZoneInfo(zone_name)):%m-%d %H:%M}"


def folder(tmp_path: Path, entries: dict[str, object], *, text: str | None = None) -> Path:
    """A data folder with a database of these entries, or of this text."""
    path = tmp_path / "market-hours" / "market-hours-database.json"
    path.parent.mkdir()
    path.write_text(text or json.dumps({"entries": entries}), encoding="utf-8")
    return tmp_path


def hours_of(tmp_path: Path, **entry: object) -> MarketHours:
    return market_hours(BITCOIN, folder(tmp_path, {"Crypto-coinbase-[*]": {**ENTRY, **entry}}))


# The shipped table


def test_a_session_of_us_equities() -> None:
    (session,) = market_hours(SPY).sessions(date("2024-03-08"), date("2024-03-10"))
    assert session.time_zone == "America/New_York"
    assert [clock(t) for t in session.day] == ["03-08 00:00", "03-09 00:00"]
    assert [clock(t) for t in session.extended] == ["03-08 04:00", "03-08 20:00"]
    assert [[clock(t) for t in part] for part in session.regular] == [
        ["03-08 09:30", "03-08 16:00"]
    ]


def test_an_early_close_shortens_the_regular_hours_only() -> None:
    (session,) = market_hours(SPY).sessions(date("2024-11-29"), date("2024-11-29"))
    assert clock(session.regular[-1][1]) == "11-29 13:00"
    assert [clock(t) for t in session.extended] == ["11-29 04:00", "11-29 20:00"]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("1994-04-26", "1994-04-28", ["1994-04-26", "1994-04-28"]),
        ("2001-09-10", "2001-09-17", ["2001-09-10", "2001-09-17"]),
        ("2012-10-26", "2012-10-31", ["2012-10-26", "2012-10-31"]),
        ("2018-12-04", "2018-12-06", ["2018-12-04", "2018-12-06"]),
        ("2025-01-08", "2025-01-10", ["2025-01-08", "2025-01-10"]),
    ],
)
def test_special_closes(start: str, end: str, expected: list[str]) -> None:
    sessions = market_hours(SPY).sessions(date(start), date(end))
    assert dates(sessions) == expected
    assert sessions[1].number == sessions[0].number + 1


@pytest.mark.parametrize("monday", ["2024-03-11", "2024-11-04"])
def test_clock_switches_leave_local_hours_alone(monday: str) -> None:
    start = date(monday)
    friday, after = market_hours(SPY).sessions(start - dt.timedelta(days=3), start)
    assert clock(friday.extended[0]).endswith("04:00")
    assert clock(after.extended[0]).endswith("04:00")
    assert (after.extended[0] - friday.extended[0]) % 86_400_000 != 0


def test_the_window_must_lie_inside_what_the_table_knows() -> None:
    hours = market_hours(SPY)
    assert hours.horizon is not None
    first, last = hours.horizon
    assert first == date("1990-01-01")
    assert hours.sessions(first, first + dt.timedelta(days=1))
    for window in [(first - dt.timedelta(days=1), first), (last, last + dt.timedelta(days=1))]:
        with pytest.raises(InvalidRequestError, match=r"us_equity_hours\.json knows .* 1990-01-01"):
            hours.sessions(*window)


def test_warm_up_sessions() -> None:
    hours = market_hours(SPY)
    assert dates(hours.sessions_before(date("2024-01-02"), 3)) == [
        "2023-12-27",
        "2023-12-28",
        "2023-12-29",
    ]
    many = hours.sessions_before(date("2024-01-02"), 1000)
    assert many == hours.sessions(many[0].date, date("2024-01-01"))
    assert len(many) == 1000
    assert hours.sessions_before(date("2024-01-02"), 0) == ()
    with pytest.raises(InvalidRequestError, match="1989-12-31"):
        hours.sessions_before(date("1990-01-05"), 4)
    with pytest.raises(InvalidRequestError, match="1989-12-31"):
        hours.sessions_before(date("2024-01-02"), 10**9)


def test_only_us_equities_are_shipped() -> None:
    with pytest.raises(ConfigurationError, match=r"crypto-coinbase-BTCUSD.*market-hours-database"):
        market_hours(BITCOIN)


@pytest.mark.filterwarnings("ignore")  # exchange_calendars uses what newer pandas deprecates
def test_the_shipped_table_is_the_one_of_exchange_calendars() -> None:
    calendars = pytest.importorskip("exchange_calendars", reason="group `generate` not installed")
    hours = market_hours(SPY)
    assert hours.horizon is not None
    start, end = hours.horizon
    calendar = calendars.get_calendar("XNYS", start=str(start), end=str(end))
    shipped = [(s.date, *s.regular) for s in hours.sessions(start, end)]
    opens, closes = (
        [int(t.timestamp()) * 1000 for t in column] for column in (calendar.opens, calendar.closes)
    )
    theirs = [d.date() for d in calendar.sessions]
    assert shipped == list(zip(theirs, zip(opens, closes, strict=True), strict=True))


def test_the_shipped_table_is_leans(lean_data: Path) -> None:
    window = date("1998-01-01"), date("2028-12-31")
    shipped = market_hours(SPY).sessions(*window)
    leans = market_hours(SPY, lean_data).sessions(*window)
    assert dates(shipped) == dates(leans)
    different = [str(a) for a, b in zip(shipped, leans, strict=True) if a.regular != b.regular]
    assert different == ["1998-11-27", "1998-12-24", "1999-12-31"]


# LEAN's own database


def asked_for(key: str) -> Symbol:
    security_type, market, name = key.split("-", 2)
    ticker = "OTHER" if name == "[*]" else name
    return Symbol(ticker, SecurityType(security_type.lower()), market)


def check_entry(key: str, lean_data: Path) -> None:
    hours = market_hours(asked_for(key), lean_data)
    assert hours.key == key
    first, last = hours.horizon or (dt.date.min, dt.date.max)
    start = min(max(date("2014-01-01"), first), last - dt.timedelta(days=1100))
    sessions = hours.sessions(start, start + dt.timedelta(days=1095))
    assert len(sessions) > 3 * 200
    assert all(s.extended[0] <= s.regular[0][0] for s in sessions if s.regular)
    assert all(s.regular[-1][1] <= s.extended[1] for s in sessions if s.regular)
    assert all(s.day[0] <= s.extended[0] < s.extended[1] <= s.day[1] for s in sessions)


@functools.cache
def entries(lean_data: Path) -> dict[str, dict[str, Any]]:
    path = lean_data / "market-hours" / "market-hours-database.json"
    found: dict[str, dict[str, Any]] = json.loads(path.read_bytes())["entries"]
    return found


def test_entries_yield_sessions(lean_data: Path) -> None:
    for key in list(entries(lean_data))[::30]:
        check_entry(key, lean_data)


@pytest.mark.slow
def test_every_entry_yields_sessions(lean_data: Path) -> None:
    assert len(entries(lean_data)) == 549
    for key in entries(lean_data):
        check_entry(key, lean_data)


def naive_rule(key: str, day: dt.date, lean_data: Path) -> Callable[[str], set[str]]:
    """From the file to the states of a time of day on the exchange, without arithmetic."""
    entry = entries(lean_data)[key]
    common = entries(lean_data)["-".join([*key.split("-")[:2], "[*]"])]
    spelt = {f"{day.month}/{day.day}/{day.year}", f"{day:%m/%d/%Y}"}
    closed = bool(spelt & {*common["holidays"], *entry["holidays"]})
    exceptions = [
        {**common.get(kind, {}), **entry.get(kind, {})} for kind in ("earlyCloses", "lateOpens")
    ]
    early, late = (next((e[d] for d in spelt if d in e), None) for e in exceptions)
    segments = entry.get(WEEKDAYS[day.weekday()], [])

    def states(time: str) -> set[str]:
        before, after = not early or time < early, not late or time >= late
        trading = (before or after) if early and late and early < late else (before and after)
        if closed or not trading:
            return set()
        ends = [s["end"].replace("1.00:", "24:").replace("1:00:", "24:") for s in segments]
        return {
            s["state"] for s, end in zip(segments, ends, strict=True) if s["start"] <= time < end
        }

    return states


def naive_minutes(key: str, day: dt.date, lean_data: Path) -> tuple[set[int], set[int]]:
    """The minutes of a date in the data time zone that are regular, and that are open at all."""
    entry = entries(lean_data)[key]
    local, exchange = zone(entry["dataTimeZone"]), zone(entry["exchangeTimeZone"])
    near = [day + dt.timedelta(days=n) for n in (-1, 0, 1)]
    rules = {d: naive_rule(key, d, lean_data) for d in near}
    moment = dt.datetime.combine(day, dt.time(), local).astimezone(dt.UTC)
    regular, opened = set(), set()
    while moment.astimezone(local).date() == day:
        there = moment.astimezone(exchange)
        states = rules[there.date()](f"{there.hour:02}:{there.minute:02}:00")
        if states:
            opened.add(int(moment.timestamp()) * 1000)
        if "market" in states:
            regular.add(int(moment.timestamp()) * 1000)
        moment += dt.timedelta(minutes=1)
    return regular, opened


@pytest.mark.parametrize(
    ("key", "start"),
    [
        ("Index-usa-SPX", "2015-11-25"),
        ("Index-usa-SPX", "2019-07-02"),
        ("Future-cme-ES", "2014-07-02"),
        ("Future-cme-ES", "2016-03-11"),
        ("Future-cbot-ZC", "2015-12-23"),
        ("Forex-oanda-[*]", "2014-05-02"),
        ("Forex-oanda-[*]", "2015-10-30"),
        ("Forex-fxcm-[*]", "2016-03-11"),
        ("Crypto-coinbase-[*]", "2018-04-04"),
        ("Equity-india-[*]", "2015-11-10"),
        ("Cfd-oanda-HK33HKD", "2016-02-05"),
        ("Future-hkfe-HSI", "2018-02-14"),
    ],
)
def test_sessions_agree_with_a_naive_reading(key: str, start: str, lean_data: Path) -> None:
    hours = market_hours(asked_for(key), lean_data)
    first = date(start)
    found = {s.date: s for s in hours.sessions(first, first + dt.timedelta(days=4))}
    for day in (first + dt.timedelta(days=n) for n in range(5)):
        regular, opened = naive_minutes(key, day, lean_data)
        assert (day in found) == bool(opened)
        if opened:
            parts = found[day].regular
            assert {m for a, b in parts for m in range(a, b, 60_000)} == regular
            assert found[day].extended[0] <= min(opened)
            assert max(opened) < found[day].extended[1]


def test_forex_has_a_sunday_and_no_saturday(lean_data: Path) -> None:
    hours = market_hours(Symbol("EURUSD", SecurityType.FOREX, "oanda"), lean_data)
    sunday, monday = hours.sessions(date("2014-05-03"), date("2014-05-05"))
    assert str(sunday) == "2014-05-04"
    assert [clock(t, "UTC") for t in sunday.extended] == ["05-04 21:03", "05-05 00:00"]
    assert monday.number == sunday.number + 1


def test_crypto_trades_around_the_clock(lean_data: Path) -> None:
    hours = market_hours(BITCOIN, lean_data)
    assert hours.horizon is None
    sessions = hours.sessions(date("2024-03-08"), date("2024-03-11"))
    assert len(sessions) == 4
    assert all(s.regular == (s.day,) == (s.extended,) for s in sessions)
    with pytest.raises(InvalidRequestError, match="1970-01-01"):
        hours.sessions(date("1969-12-31"), date("1970-01-01"))


def test_symbols_of_one_entry_share_the_object(lean_data: Path) -> None:
    assert market_hours(SPY, lean_data) is market_hours(Symbol("AAPL"), lean_data)


def test_options_inherit_and_symbols_add_to_their_market(lean_data: Path) -> None:
    july_3rd = date("2023-07-03")
    option = market_hours(Symbol("AAPL", SecurityType.OPTION), lean_data)
    (session,) = option.sessions(july_3rd, date("2023-07-04"))
    assert clock(session.regular[-1][1]) == "07-03 13:00"
    index = market_hours(Symbol("SPX", SecurityType.INDEX), lean_data)
    assert index.key == "Index-usa-SPX"
    assert dates(index.sessions(july_3rd, date("2023-07-05"))) == ["2023-07-03", "2023-07-05"]


def test_an_entry_ends_where_its_holidays_end(lean_data: Path) -> None:
    hours = market_hours(SPY, lean_data)
    assert hours.horizon == (date("1998-01-01"), date("2028-12-31"))
    with pytest.raises(InvalidRequestError, match=r"market-hours.* knows .* 2029-01-02"):
        hours.sessions(date("2028-12-29"), date("2029-01-02"))


# The algebra

KEYS = ["Future-cme-ES", "Forex-fxcm-[*]", "Crypto-coinbase-[*]", "Index-usa-SPX"]
DAYS = st.dates(date("2012-01-01"), date("2022-12-31"))


def check_algebra(hours: MarketHours, days: list[dt.date]) -> None:
    first, middle, last = sorted(days)
    whole = hours.sessions(first, last)
    left = hours.sessions(first, middle)
    assert whole == left + hours.sessions(middle + dt.timedelta(days=1), last)
    for one, following in pairwise(whole):
        assert following.number == one.number + 1
        assert one.date < following.date
        assert one.day[1] <= following.day[0]
    assert whole == hours.sessions_before(last + dt.timedelta(days=1), len(whole))


@given(st.lists(st.dates(date("1990-01-01"), date("2028-12-30")), min_size=3, max_size=3))
def test_windows_can_be_cut_anywhere(days: list[dt.date]) -> None:
    spread = [min(days) + dt.timedelta(days=(d - min(days)).days % 700) for d in days]
    check_algebra(market_hours(SPY), spread)


@given(key=st.sampled_from(KEYS), start=DAYS, lengths=st.tuples(*[st.integers(0, 40)] * 2))
def test_windows_of_other_markets_can_be_cut_anywhere(
    key: str, start: dt.date, lengths: tuple[int, int], lean_data: Path
) -> None:
    days = [start, *(start + dt.timedelta(days=n) for n in lengths)]
    check_algebra(market_hours(asked_for(key), lean_data), days)


# What a database may look like


def test_both_spellings_of_24_hours_and_padded_dates(tmp_path: Path) -> None:
    other = [{"start": "00:00:00", "end": "1:00:00:00", "state": "market"}]
    hours = hours_of(
        tmp_path, monday=ALL_DAY, tuesday=other, wednesday=ALL_DAY, holidays=["03/06/2024"]
    )
    monday, tuesday = hours.sessions(date("2024-03-04"), date("2024-03-08"))
    assert monday.regular == (monday.day,)
    assert tuesday.regular == (tuesday.day,)


@pytest.mark.parametrize(
    ("early", "late", "expected"),
    [
        ("12:00:00", None, ["09:00", "12:00"]),
        (None, "12:00:00", ["12:00", "17:00"]),
        ("15:00:00", "10:00:00", ["10:00", "15:00"]),
        ("11:00:00", "13:00:00", ["09:00", "11:00", "13:00", "17:00"]),
        ("18:00:00", None, ["09:00", "17:00"]),
        ("08:00:00", None, None),
        ("08:00:00", "18:00:00", None),
    ],
)
def test_exceptions_of_a_day(
    early: str | None, late: str | None, expected: list[str] | None, tmp_path: Path
) -> None:
    hours = hours_of(
        tmp_path,
        monday=NINE_TO_FIVE,
        earlyCloses={"3/4/2024": early} if early else {},
        lateOpens={"3/4/2024": late} if late else {},
    )
    sessions = hours.sessions(date("2024-03-04"), date("2024-03-04"))
    times = [clock(t, "UTC")[6:] for s in sessions for part in s.regular for t in part]
    assert times == (expected or [])
    assert len(sessions) == (expected is not None)


def test_holidays_win_and_strays_mean_nothing(tmp_path: Path) -> None:
    hours = hours_of(
        tmp_path,
        monday=NINE_TO_FIVE,
        holidays=["3/4/2024", "3/9/2024"],
        earlyCloses={"3/4/2024": "12:00:00", "3/10/2024": "12:00:00"},
    )
    assert dates(hours.sessions(date("2024-03-01"), date("2024-03-12"))) == ["2024-03-11"]


def test_a_day_of_pre_market_only_is_a_session_without_regular_hours(tmp_path: Path) -> None:
    evening = [{"start": "18:00:00", "end": "1.00:00:00", "state": "premarket"}]
    hours = hours_of(tmp_path, sunday=evening, monday=NINE_TO_FIVE)
    sunday, monday = hours.sessions(date("2024-03-03"), date("2024-03-04"))
    assert sunday.regular == ()
    assert [clock(t, "UTC") for t in sunday.extended] == ["03-03 18:00", "03-04 00:00"]
    assert monday.regular


def test_a_break_stays_and_touching_segments_are_joined(tmp_path: Path) -> None:
    parts = [("09:00:00", "10:00:00"), ("10:00:00", "11:00:00"), ("12:00:00", "13:00:00")]
    monday = [{"start": a, "end": b, "state": "market"} for a, b in parts]
    (session,) = hours_of(tmp_path, monday=monday).sessions(date("2024-03-04"), date("2024-03-05"))
    assert [[clock(t, "UTC")[6:] for t in part] for part in session.regular] == [
        ["09:00", "11:00"],
        ["12:00", "13:00"],
    ]


def test_days_of_23_and_25_hours(tmp_path: Path) -> None:
    new_york = {"dataTimeZone": "America/New_York", "exchangeTimeZone": "America/New_York"}
    hours = hours_of(tmp_path, **new_york, sunday=ALL_DAY)
    lengths = {
        str(s): (s.day[1] - s.day[0]) // 3_600_000
        for s in hours.sessions(date("2024-03-10"), date("2024-11-10"))
        if s.regular == (s.day,)
    }
    assert len(lengths) == 36
    assert lengths["2024-03-10"] == 23
    assert lengths["2024-11-03"] == 25
    assert set(lengths.values()) == {23, 24, 25}


@pytest.mark.parametrize(
    ("count", "horizon"),
    [(10, (dt.date(2023, 1, 1), dt.date(2024, 12, 31))), (9, None)],
)
def test_a_calendar_with_few_holidays_has_no_horizon(
    count: int, horizon: tuple[dt.date, dt.date] | None, tmp_path: Path
) -> None:
    holidays = ["1/1/2023", *(f"2/{n}/2024" for n in range(1, count))]
    assert hours_of(tmp_path, monday=ALL_DAY, holidays=holidays).horizon == horizon


def test_a_market_that_never_opens(tmp_path: Path) -> None:
    hours = hours_of(tmp_path)
    assert hours.sessions(date("2024-03-01"), date("2024-03-12")) == ()
    with pytest.raises(InvalidRequestError):
        hours.sessions_before(date("2024-03-01"), 1)


def test_keys_are_found_whatever_their_case(tmp_path: Path) -> None:
    data_folder = folder(tmp_path, {"CRYPTO-Coinbase-btcusd": ENTRY, "Crypto-coinbase-[*]": ENTRY})
    assert market_hours(BITCOIN, data_folder).key == "CRYPTO-Coinbase-btcusd"
    other = Symbol("ETHUSD", SecurityType.CRYPTO, "coinbase")
    assert market_hours(other, data_folder).key == "Crypto-coinbase-[*]"


def test_future_options_fall_back_to_the_future(tmp_path: Path) -> None:
    data_folder = folder(tmp_path, {"Future-cme-ES": ENTRY, "Future-cme-[*]": ENTRY})
    option = Symbol("ES", SecurityType.FUTURE_OPTION, "cme")
    assert market_hours(option, data_folder).key == "Future-cme-ES"


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    before = hours_of(tmp_path)
    path = tmp_path / "market-hours" / "market-hours-database.json"
    path.write_text(path.read_text().replace("[*]", "BTCUSD"))
    assert before.key == "Crypto-coinbase-[*]"
    assert market_hours(BITCOIN, tmp_path).key == "Crypto-coinbase-BTCUSD"


def test_byte_order_mark_and_comments_are_tolerated(tmp_path: Path) -> None:
    text = json.dumps({"entries": {"Crypto-coinbase-[*]": ENTRY}}, indent=1)
    data_folder = folder(tmp_path, {}, text="\ufeff// hours, by hand\n" + text)
    assert market_hours(BITCOIN, data_folder).data_time_zone == "UTC"


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "{}", '{"entries": 1}', '{"entries": {"Crypto-coinbase-[*]": {}}}'],
)
def test_what_is_not_a_database_is_named(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"market-hours-database\.json cannot be read"):
        market_hours(BITCOIN, folder(tmp_path, {}, text=text))


@pytest.mark.parametrize(
    "entry",
    [
        {"holidays": ["2024-01-01"]},
        {"holidays": ["13/1/2024"]},
        {"earlyCloses": {"1/1/2024": "noon"}},
        {"monday": [{"start": "00:00:00", "end": "2.00:00:00", "state": "market"}]},
        {"monday": [{"start": "00:00:00", "end": "10:00:00", "state": "siesta"}]},
    ],
)
def test_a_wrong_entry_is_named(entry: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"Crypto-coinbase-\[\*\]"):
        hours_of(tmp_path, **entry)


@pytest.mark.parametrize("field", ["dataTimeZone", "exchangeTimeZone"])
def test_a_wrong_zone_is_named(field: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'Mars/Olympus'"):
        hours_of(tmp_path, **{field: "Mars/Olympus"})


# Zones


@pytest.mark.parametrize(
    ("name", "hours"),
    [("UTC", 0), ("UTC-05", -5), ("UTC+05:30", 5.5), ("Asia/Kolkata", 5.5), ("UTC+00", 0)],
)
def test_zones(name: str, hours: float) -> None:
    assert zone(name).utcoffset(dt.datetime(2024, 1, 1)) == dt.timedelta(hours=hours)


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "UTC-5", "UTC+24", "../etc/passwd", "America"]
)
def test_unknown_zones(name: str) -> None:
    with pytest.raises(ConfigurationError, match="is not a time zone"):
        zone(name)


def test_trading_goes_on_after_a_close_for_as_long_as_the_longest_post_market(
    lean_data: Path,
) -> None:
    assert market_hours(Symbol("SPY")).post_market == 4 * 3_600_000
    around_the_clock = Symbol("BTCUSD", SecurityType.CRYPTO, "coinbase")
    assert market_hours(around_the_clock, lean_data).post_market == 0
