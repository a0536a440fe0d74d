from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from leanfeed.errors import ConfigurationError
from leanfeed.lean.map_files import Mapped, changes_of_each, parse_map_file, ticker_changes
from leanfeed.lean.reader import session_dates
from leanfeed.values import SecurityType, Symbol

WM = "19980102,uw,N\n19980716,uw,N\n20090804,wmi,N\n20501231,wm,N\n"
DAY = dt.timedelta(days=1)

Row = tuple[dt.date, str]
ROWS = st.lists(
    st.tuples(st.dates(), st.sampled_from(["aa", "bb", "c.a", "new"])),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row[0],
)


def parse(text: str, ticker: str = "NEW") -> tuple[Mapped, ...]:
    return parse_map_file(text, Symbol(ticker), origin="new.csv")


def text_of(rows: list[Row]) -> str:
    return "\n".join(f"{date.isoformat().replace('-', '')},{ticker}" for date, ticker in rows)


def folder_with(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / "equity/usa/map_files" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return tmp_path


def mapped_by_lean(rows: list[Row], date: dt.date) -> str:
    """`MapFile.HasData`, then `MapFile.GetMappedSymbol`: empty when not listed."""
    ascending = sorted(rows)
    if not ascending[0][0] <= date <= ascending[-1][0]:
        return ""
    return next(ticker for last, ticker in ascending if last >= date)


def mapped_here(found: tuple[Mapped, ...], date: dt.date) -> str:
    tickers = [m.symbol.file_ticker for m in found if m.first <= date <= m.last]
    assert len(tickers) <= 1
    return tickers[0] if tickers else ""


@given(ROWS, st.lists(st.dates(), max_size=5))
def test_every_date_is_mapped_as_lean_does(rows: list[Row], dates: list[dt.date]) -> None:
    found = parse(text_of(rows))
    near = {
        dt.date.fromordinal(min(max(date.toordinal() + days, 1), dt.date.max.toordinal()))
        for date, _ in rows
        for days in (-1, 0, 1)
    }
    for date in (*near, *dates):
        assert mapped_here(found, date) == mapped_by_lean(rows, date)


@given(ROWS)
def test_the_dates_ascend_without_a_hole_and_neighbours_differ(rows: list[Row]) -> None:
    found = parse(text_of(rows))
    assert found[0].first == min(rows)[0]
    assert found[-1].last == max(rows)[0]
    assert all(mapped.first <= mapped.last for mapped in found)
    for before, after in pairwise(found):
        assert after.first == before.last + DAY
        assert after.symbol != before.symbol


@given(ROWS, st.sampled_from(["", ",Q", ","]), st.sampled_from([str.lower, str.upper]))
def test_order_case_blank_lines_and_exchanges_do_not_matter(
    rows: list[Row], exchange: str, fold: Callable[[str], str]
) -> None:
    lines = text_of(rows).split("\n")
    text = "".join(f"{fold(line)}{exchange}\n\n" for line in lines)
    assert parse(text) == parse(text_of(sorted(rows)))


def test_waste_management() -> None:
    assert parse(WM, "WM") == (
        Mapped(Symbol("UW"), dt.date(1998, 1, 2), dt.date(1998, 7, 16)),
        Mapped(Symbol("WMI"), dt.date(1998, 7, 17), dt.date(2009, 8, 4)),
        Mapped(Symbol("WM"), dt.date(2009, 8, 5), dt.date(2050, 12, 31)),
    )


def test_a_ticker_may_come_back(lean_data: Path) -> None:
    found = ticker_changes(lean_data, Symbol("spwr"))
    assert [(m.symbol.ticker, str(m.first), str(m.last)) for m in found] == [
        ("SPWR", "2005-11-17", "2008-09-29"),
        ("SPWRA", "2008-09-30", "2011-11-16"),
        ("SPWR", "2011-11-17", "2050-12-31"),
    ]


@pytest.mark.parametrize("ticker", ["WM", "FB", "FB.1", "AAPL", "SPY"])
def test_leans_daily_files_end_and_begin_where_the_map_file_says(
    lean_data: Path, ticker: str
) -> None:
    daily = lean_data / "equity/usa/daily"
    found = ticker_changes(lean_data, Symbol(ticker))
    for mapped in found:
        dates = session_dates(daily / f"{mapped.symbol.file_ticker}.zip")
        inside = [date for date in dates if mapped.first <= date <= mapped.last]
        assert min(inside) == mapped.first
        if mapped is not found[-1] or mapped.last < dt.date(2021, 1, 1):
            assert max(inside) == mapped.last


def test_all_of_leans_own_are_understood(lean_data: Path) -> None:
    files = sorted((lean_data / "equity/usa/map_files").glob("*.csv"))
    assert files
    for path in files:
        *_, last = ticker_changes(lean_data, Symbol(path.stem))
        name = path.stem.rstrip("0123456789").removesuffix(".")
        assert last.symbol.file_ticker in (name, path.stem)


def test_spelling_of_the_symbol_stays_and_others_are_upper_case() -> None:
    found = parse("20100104,apolpa,N\n20150105,aampa,N\n20501231,aampa,N", "AAMpA")
    assert [mapped.symbol.ticker for mapped in found] == ["APOLPA", "AAMpA"]


def test_without_a_file_a_symbol_is_itself_for_ever(tmp_path: Path) -> None:
    always = (dt.date.min, dt.date.max)
    for folder in (tmp_path, folder_with(tmp_path, "wm.csv", WM.encode())):
        assert ticker_changes(folder, Symbol("SPY")) == (Mapped(Symbol("SPY"), *always),)


def test_only_equities_of_the_same_market_are_mapped(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "wm.csv", WM.encode())
    assert len(ticker_changes(folder, Symbol("WM"))) == 3
    for other in (Symbol("WM", SecurityType.CRYPTO), Symbol("WM", market="india")):
        assert [mapped.symbol for mapped in ticker_changes(folder, other)] == [other]


def test_of_each_symbol_what_is_said_of_it_alone(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "wm.csv", WM.encode())
    symbols = (Symbol("WM"), Symbol("SPY"), Symbol("WM", market="india"))
    for place in (folder, tmp_path / "nowhere"):
        alone = {symbol: ticker_changes(place, symbol) for symbol in symbols}
        assert changes_of_each(place, symbols) == alone


def test_a_folder_that_may_not_be_searched_is_not_one_without_map_files(tmp_path: Path) -> None:
    (tmp_path / "equity/usa").mkdir(parents=True)
    loop = tmp_path / "equity/usa/map_files"
    loop.symlink_to(loop)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        changes_of_each(tmp_path, [Symbol("WM")])


def test_windows_text_is_read(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + WM.replace("\n", "\r\n").encode()
    assert ticker_changes(folder_with(tmp_path, "wm.csv", content), Symbol("WM")) == parse(WM, "WM")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no rows"),
        ("\n \n", "has no rows"),
        ("19980102,uw\n20501331,wm", "Line 2 .*20501331,wm.*month"),
        ("19980102,uw\n\n2050W011,wm", "Line 3 .*reads '2050W011,wm'"),
        ("1998-01-02,wm", "Line 1 .*not a date and a ticker"),
        ("19980102 ,wm", "Line 1 .*not a date and a ticker"),
        ("19980102", "Line 1 .*not a date and a ticker"),
        ("19980102,", "Line 1 .*not a date and a ticker"),
        ("19980102,wm,N,1", "Line 1 .*not a date and a ticker"),
        ("19980102,../wm", "Line 1 .*not a ticker"),
        ("19980102, wm", "Line 1 .*not a ticker"),
        ("<html>" * 100, r"Line 1 .*reads '(<html>){6}<htm' "),
        ("19980102,uw\n19980102,wm", "Line 2 .*1998-01-02 to WM.*gives it to UW"),
    ],
)
def test_what_is_not_a_map_file_is_named_with_its_line(
    tmp_path: Path, text: str, words: str
) -> None:
    folder = folder_with(tmp_path, "wm.csv", text.encode())
    with pytest.raises(ConfigurationError, match=words) as caught:
        ticker_changes(folder, Symbol("WM"))
    assert str(folder / "equity/usa/map_files/wm.csv") in str(caught.value)


def test_what_is_not_text_is_named(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "wm.csv", b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"wm\.csv cannot be read"):
        ticker_changes(folder, Symbol("WM"))
