"""What is wrong in real flat files, and what becomes of it."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import pytest

from leanfeed import Bars
from tests.flatfiles.made_files import DAY, fetch, gap, row, session, stamp, write

NEXT = dt.date(2024, 6, 4)


def only(folder: Path, ticker: str, resolution: str = "minute", **settings: object) -> Bars:
    came, error, _ = fetch(folder, gap(ticker, resolution), **settings)
    assert not error
    (delivery,) = came.values()
    return delivery.bars


def test_a_session(tmp_path: Path) -> None:
    write(tmp_path, [row("A", "04:00"), row("A", "19:59", price=1.5, volume=9099.618093)])
    bars = only(tmp_path, "A")
    first = session().day[0]
    assert bars == Bars(
        [first + 4 * 3_600_000, first + 20 * 3_600_000 - 60_000],
        [100, 1.5], [100.5, 2], [99.5, 1], [100.25, 1.75], [100, 9099.618093],
    )  # fmt: skip


def test_who_is_not_in_the_file_had_no_trades(tmp_path: Path) -> None:
    write(tmp_path, [row("A"), row("C")])
    assert len(only(tmp_path, "B")) == 0


@pytest.mark.parametrize("ticker", ["NA", "NAN", "NULL", "TRUE", "INF", "AAp", "BRK.B"])
def test_tickers_are_text(tmp_path: Path, ticker: str) -> None:
    write(tmp_path, [row(t) for t in sorted(["A", "AAP", ticker, "Z"])])
    assert len(only(tmp_path, ticker)) == 1


def test_letters_of_either_case_are_two_tickers(tmp_path: Path) -> None:
    write(tmp_path, [row("AAP", price=50), row("AAp", price=20)])
    assert only(tmp_path, "AAP").open.tolist() == [50]
    assert only(tmp_path, "AAp").open.tolist() == [20]


@pytest.mark.parametrize("kind", ["minute", "daily"])
def test_rows_without_trades(tmp_path: Path, kind: str) -> None:
    at = ["09:30", "09:31", "09:32"] if kind == "minute" else ["00:00"] * 3
    write(
        tmp_path,
        [
            row("A", at[0], volume=0, transactions=0),
            row("A", at[1]),
            row("B", at[0], volume=0, transactions=0),
            row("C", at[2], transactions=0),
        ],
        kind=f"stocks_{kind}",
    )
    came, error, _ = fetch(tmp_path, *(gap(t, kind) for t in "ABC"))
    assert [len(delivery.bars) for delivery in came.values()] == [1, 0, 0]
    assert not error
    kept, _, _ = fetch(tmp_path, *(gap(t, kind) for t in "BC"), zero_volume="keep")
    assert [len(delivery.bars) for delivery in kept.values()] == [1, 1]


def test_minutes_outside_of_the_day_of_trading_are_left_out(tmp_path: Path) -> None:
    times = ["03:59", "04:00", "19:59", "20:00"]
    write(tmp_path, [row("A", at) for at in times])
    assert len(only(tmp_path, "A")) == 2


def test_a_half_day_keeps_its_late_trading(tmp_path: Path) -> None:
    half = dt.date(2024, 11, 29)
    rows = [row("A", at, date=half) for at in ("09:30", "12:59", "13:30", "16:59")]
    write(tmp_path, rows, date=half)
    came, _, _ = fetch(tmp_path, gap("A", "minute", half), gap("A", "hour", half))
    minute, hour = came.values()
    assert len(minute.bars) == 4
    assert [(t - session(half).day[0]) / 3_600_000 for t in hour.bars.time.tolist()] == [9, 12]


@pytest.mark.parametrize("date", [dt.date(2024, 3, 11), dt.date(2024, 11, 4), dt.date(2024, 3, 8)])
def test_around_the_change_of_the_clock(tmp_path: Path, date: dt.date) -> None:
    write(tmp_path, [row("A", at, date=date) for at in ("04:00", "09:30", "19:59")], date=date)
    write(tmp_path, [row("A", "00:00", date=date)], date=date, kind="stocks_daily")
    came, error, said = fetch(tmp_path, gap("A", "minute", date), gap("A", "daily", date))
    minute, daily = came.values()
    assert (len(minute.bars), daily.bars.time.tolist()) == (3, [session(date).day[0]])
    assert (error, said) == ("", [])


def test_hours_and_days_from_minutes(tmp_path: Path) -> None:
    at = ["09:29", "09:30", "09:59", "10:00", "15:59", "16:00"]
    write(tmp_path, [row("A", t, price=10 + i, volume=i) for i, t in enumerate(at, start=1)])
    hours = only(tmp_path, "A", "hour")
    assert (hours.open.tolist(), hours.close.tolist()) == ([12, 14, 15], [13.25, 14.25, 15.25])
    assert hours.volume.tolist() == [5, 4, 5]
    day = only(tmp_path, "A", "daily", daily="minutes")
    assert (day.open.tolist(), day.close.tolist(), day.volume.tolist()) == ([12], [15.25], [14])
    assert (day.high.tolist(), day.low.tolist()) == ([15.5], [11.5])


@pytest.mark.parametrize("at", ["00:00", "16:00"])
def test_a_day_is_stamped_with_midnight(tmp_path: Path, at: str) -> None:
    write(tmp_path, [row("A", at), row("B", at)], kind="stocks_daily")
    assert only(tmp_path, "A", "daily").time.tolist() == [session().day[0]]


@pytest.mark.parametrize("wrong", [stamp("00:00", NEXT), -68_400_000_000_000, 2**63 - 1, 0])
def test_a_daily_file_whose_stamp_is_wrong(tmp_path: Path, wrong: int) -> None:
    """As that of stocks of 2019-08-12, and that of options of 2025-02-10, are in real life."""
    write(tmp_path, [row(t, wrong) for t in ("A", "B")], kind="stocks_daily")
    came, error, said = fetch(tmp_path, gap("A", "daily"), gap("C", "daily"))
    assert [(d.bars.time.tolist(), str(d.session)) for d in came.values()] == [
        ([session().day[0]], "2024-06-03"),
        ([], "2024-06-03"),
    ]
    assert not error
    (sentence,) = said
    assert sentence.startswith("us_stocks_sip/day_aggs_v1/2024/06/2024-06-03.csv.gz: every row")


def test_a_daily_file_with_rows_of_other_dates(tmp_path: Path) -> None:
    rows = [row("A", "00:00"), row("B", stamp("00:00", NEXT)), row("C", "16:00")]
    write(tmp_path, rows, kind="stocks_daily")
    came, error, said = fetch(tmp_path, *(gap(t, "daily") for t in "ABCD"))
    assert {key[0]: len(d.bars) for key, d in came.items()} == {"A": 1, "C": 1, "D": 0}
    assert "B not used: all its rows are of other dates" in error
    assert [s.partition(": ")[2] for s in said] == ["1 row of other dates left out."]


def test_a_daily_file_of_two_wrong_dates_is_refused(tmp_path: Path) -> None:
    later = stamp("00:00", dt.date(2024, 6, 5))
    write(tmp_path, [row("A", stamp("00:00", NEXT)), row("B", later)], kind="stocks_daily")
    came, error, _ = fetch(tmp_path, gap("A", "daily"), gap("C", "daily"))
    assert not came
    assert "holds no row of 2024-06-03" in error


def test_minutes_of_other_dates(tmp_path: Path) -> None:
    rows = [row("A"), row("A", stamp("09:30", NEXT)), row("B", stamp("09:31", NEXT))]
    write(tmp_path, rows)
    came, error, said = fetch(tmp_path, gap("A"), gap("B"), gap("C"))
    assert {key[0]: len(d.bars) for key, d in came.items()} == {"A": 1, "C": 0}
    assert "B not used: all its rows are of other dates" in error
    assert len(said) == 1
    assert "2 rows of other dates left out" in said[0]


@pytest.mark.parametrize("ticker", ["A", "C"])
def test_a_minute_file_of_another_date_is_refused(tmp_path: Path, ticker: str) -> None:
    """Also by who is not in it: else it would say that nobody traded."""
    write(tmp_path, [row(t, stamp("09:30", NEXT)) for t in ("A", "B")])
    came, error, _ = fetch(tmp_path, gap(ticker), gap("B"))
    assert not came
    assert "holds no row of 2024-06-03" in error


def test_tickers_that_come_again_are_one(tmp_path: Path) -> None:
    write(
        tmp_path,
        [row("B", "09:31"), row("A", "10:00"), row("B", "09:30"), row("A", "09:59"), row("C")],
    )
    came, error, _ = fetch(tmp_path, *map(gap, "ABC"))
    times = {key[0]: d.bars.time.tolist() for key, d in came.items()}
    assert [len(t) for t in times.values()] == [2, 2, 1]
    assert all(t == sorted(t) for t in times.values())
    assert not error


@pytest.mark.parametrize("kind", ["minute", "daily"])
def test_rows_that_come_twice(tmp_path: Path, kind: str) -> None:
    at = "09:30" if kind == "minute" else "00:00"
    rows = [row("A", at), row("A", at), row("B", at), row("B", at, price=2), row("C", at)]
    write(tmp_path, rows, kind=f"stocks_{kind}")
    came, error, _ = fetch(tmp_path, *(gap(t, kind) for t in "ABC"))
    assert {key[0]: len(d.bars) for key, d in came.items()} == {"A": 1, "C": 1}
    assert "B not used: the bar of 2024-06-03" in error
    assert "comes twice, with other numbers" in error


def test_a_day_with_two_stamps(tmp_path: Path) -> None:
    rows = [row("A", "00:00"), row("A", "16:00"), row("B", "00:00")]
    write(tmp_path, rows, kind="stocks_daily")
    came, error, _ = fetch(tmp_path, gap("A", "daily"), gap("B", "daily"))
    assert list(came) == [("B", "daily", "2024-06-03")]
    assert "A not used" in error


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (f"B,100,10,11,10.5,9,{stamp('09:31')},3", "a high below its open or close"),
        (f"B,100,10,11,12,10.5,{stamp('09:31')},3", "a low above its open or close"),
        (f"B,100,0,0,0,0,{stamp('09:31')},3", "a price that is no price"),
        (f"B,100,1e999,1e999,1e999,1e999,{stamp('09:31')},3", "a price that is no price"),
        (f"B,-1,1,1,1,1,{stamp('09:31')},3", "a volume that is no volume"),
        (f"B,1e999,1,1,1,1,{stamp('09:31')},3", "a volume that is no volume"),
        (f"B,100,1,1,1,1,{stamp('09:31') + 1_000_000_000},3", "does not start on a minute"),
        (f"B,100,1,1,1,1,{stamp('09:31') + 1},3", "is stamped between milliseconds"),
    ],
)
def test_one_bad_bar_costs_its_ticker_only(tmp_path: Path, bad: str, words: str) -> None:
    write(tmp_path, [row("A"), row("B"), bad, row("B", "09:32"), row("C")])
    came, error, _ = fetch(tmp_path, *map(gap, "ABC"))
    assert [key[0] for key in came] == ["A", "C"]
    assert "B not used: the bar of 2024-06-03 13:31Z" in error
    assert words in error


def test_many_bad_tickers_are_one_sentence(tmp_path: Path) -> None:
    names = [f"A{a}{b}" for a in "ABC" for b in "ABC"]
    write(tmp_path, [f"{name},-5,1,1,1,1,{stamp('09:30')},1" for name in names])
    came, error, _ = fetch(tmp_path, *map(gap, names), gap("Z"))
    assert [key[0] for key in came] == ["Z"]
    assert "AAA, AAB, AAC, ABA and 5 more not used" in error
    assert len(error) < 300


def test_a_file_that_cannot_be_used_costs_its_day_only(tmp_path: Path) -> None:
    dates = [dt.date(2024, 6, day) for day in (3, 4, 5, 6, 7)]
    for date in dates:
        write(tmp_path, [row("A", date=date)], date=date)
    truncated = write(tmp_path, [row("A", date=dates[1])], date=dates[1])
    truncated.write_bytes(truncated.read_bytes()[:-5])
    write(tmp_path, [row("A", date=dates[2]), "A,1,2"], date=dates[2])
    write(tmp_path, [row("A", date=dates[3])], date=dates[3]).unlink()
    came, error, _ = fetch(tmp_path, gap("A", "minute", *dates))
    assert [key[2] for key in came] == ["2024-06-03", "2024-06-07"]
    assert "2024-06-04.csv.gz was cut short" in error
    assert "So it is with 1 more file" in error
    assert "2024-06-06.csv.gz is not in" in error


def test_oldest_first_and_each_once(tmp_path: Path) -> None:
    dates = [DAY, NEXT]
    for date in dates:
        write(tmp_path, [row(t, date=date) for t in "AB"], date=date)
        write(tmp_path, [row(t, "00:00", date=date) for t in "AB"], date=date, kind="stocks_daily")
    gaps = [gap(t, kind, *dates) for kind in ("minute", "daily", "hour") for t in "BA"]
    came, error, _ = fetch(tmp_path, *gaps)
    assert len(came) == 12
    assert not error
    for ticker in "AB":
        for kind in ("minute", "daily", "hour"):
            assert [k[2] for k in came if k[:2] == (ticker, kind)] == ["2024-06-03", "2024-06-04"]


def test_an_empty_object_is_no_quiet_day(tmp_path: Path) -> None:
    write(tmp_path, []).write_bytes(gzip.compress(b""))
    came, error, _ = fetch(tmp_path, gap("A"))
    assert not came
    assert "header lacks" in error
