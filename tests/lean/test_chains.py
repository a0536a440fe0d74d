"""Options: LEAN's own samples, and chains that nobody has stored before."""

from __future__ import annotations

import datetime as dt
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings, strategies as st

from leanfeed import (
    Bars,
    ChainBars,
    ContractError,
    DamagedFileError,
    Delivery,
    InvalidRequestError,
    OptionContract,
    OptionStyle,
    Resolution,
    SecurityType,
    Series,
    Symbol,
)
from leanfeed.lean.chains import chain_of, chain_texts, contract_texts, sound_texts
from leanfeed.lean.contract_names import contract_in, contract_names
from leanfeed.lean.many_zip import packed, zip_of_many
from leanfeed.lean.paths import entry_name, parse_exact_path, parse_path, zip_path
from leanfeed.lean.reader import check_file, read_file, read_series, session_dates
from leanfeed.testing import strategies

NEW_YORK = "America/New_York"
DAY = dt.date(2016, 2, 17)
AAPL = Symbol("AAPL", SecurityType.OPTION)
SPXW = Symbol("SPXW", SecurityType.INDEX_OPTION)
MINUTE, HOUR, DAILY = Resolution.MINUTE, Resolution.HOUR, Resolution.DAILY


def contract(strike: str, right: str = "put", style: str = "american") -> OptionContract:
    return OptionContract(dt.date(2015, 9, 18), right, strike, OptionStyle(style))


@pytest.fixture(scope="module")
def samples(lean_data: Path) -> list[Path]:
    found = sorted((lean_data / "option").rglob("*.zip"))
    assert len(found) >= 3
    return found


def test_lean_s_samples_are_written_as_lean_wrote_them(
    samples: list[Path], lean_data: Path
) -> None:
    for path in samples:
        series, day = parse_exact_path(path.relative_to(lean_data))
        texts = dict(contract_texts(path, series, day))
        assert len(texts) >= 1
        chain = chain_of(texts, series, NEW_YORK, day)
        written = chain_texts(chain, series, NEW_YORK, day)
        assert list(written.items()) == list(texts.items()), path
        assert list(texts) == sorted(texts)
        assert chain == read_file(path)


def test_lean_s_samples_are_read(lean_data: Path) -> None:
    spy = Symbol("SPY", SecurityType.OPTION)
    chain = read_series(lean_data, Series(spy, MINUTE), start=dt.date(2023, 8, 3))
    assert isinstance(chain, ChainBars)
    assert len(chain) == 190
    assert [str(contract) for contract in chain.contracts] == [
        "2023-09-01 call 430",
        "2023-09-01 call 470",
        "2023-09-01 put 430",
        "2023-09-01 put 470",
    ]
    first = chain.of(chain.contracts[0])
    assert (first.open[0], first.volume[0]) == (22.33, 1)
    assert dt.datetime.fromtimestamp(first.time[0] / 1000, dt.UTC).isoformat(" ") == (
        "2023-08-03 14:23:00+00:00"
    )
    year = read_series(
        lean_data, Series(AAPL, DAILY), start=dt.date(2015, 1, 5), end=dt.date(2015, 1, 6)
    )
    assert len(year) == 2


#: From ``Tests/Common/Util/LeanDataTests.cs``.
VECTORS = [
    (
        Series(AAPL, MINUTE),
        contract("192"),
        "option/usa/minute/aapl/20160217_trade_american.zip",
        "20160217_aapl_minute_trade_american_put_1920000_20150918.csv",
    ),
    (
        Series(AAPL, HOUR),
        contract("192.5"),
        "option/usa/hour/aapl_2016_trade_american.zip",
        "aapl_trade_american_put_1925000_20150918.csv",
    ),
    (
        Series(AAPL, DAILY),
        contract("0.006475", "call"),
        "option/usa/daily/aapl_2016_trade_american.zip",
        "aapl_trade_american_call_64.75_20150918.csv",
    ),
    (
        Series(SPXW, DAILY),
        contract("223.333", "call", "european"),
        "indexoption/usa/daily/spxw_2016_trade_european.zip",
        "spxw_trade_european_call_2233330_20150918.csv",
    ),
    (
        Series(SPXW, MINUTE),
        contract("4300", "put", "european"),
        "indexoption/usa/minute/spxw/20160217_trade_european.zip",
        "20160217_spxw_minute_trade_european_put_43000000_20150918.csv",
    ),
]


@pytest.mark.parametrize(("series", "one", "path", "entry"), VECTORS)
def test_names(series: Series, one: OptionContract, path: str, entry: str) -> None:
    assert zip_path(series, DAY).as_posix() == path
    assert entry_name(series, DAY, one) == entry
    day = DAY if series.resolution.is_file_per_session else None
    assert parse_path(zip_path(series, DAY)) == (series, day)
    assert parse_exact_path(zip_path(series, DAY)) == (series, day)
    assert contract_in(contract_names(series, day).fullmatch(entry), one.style) == one


@pytest.mark.parametrize(
    "path",
    [
        "option/usa/daily/aapl.zip",
        "option/usa/daily/aapl_2015.zip",
        "option/usa/daily/aapl_2015_trade.zip",
        "option/usa/daily/aapl_2015_trade_european.zip",
        "option/usa/daily/aapl_15_trade_american.zip",
        "option/usa/daily/aapl_0000_trade_american.zip",
        "option/usa/daily/aapl_2015_quote_american.zip",
        "option/usa/minute/aapl/20160217_trade.zip",
        "option/usa/minute/aapl/20160217_openinterest_american.zip",
        "indexoption/usa/minute/spx/20160217_trade_american.zip",
        "futureoption/cme/minute/es/202003/20200105_trade_american.zip",
    ],
)
def test_other_zips_are_not_ours(path: str) -> None:
    with pytest.raises(DamagedFileError, match="does not lie where"):
        parse_path(PurePosixPath(path))


def test_what_is_not_said_is_asked_for() -> None:
    with pytest.raises(InvalidRequestError, match="per year: say which day"):
        zip_path(Series(AAPL, DAILY))
    with pytest.raises(InvalidRequestError, match="its own entry: say which"):
        entry_name(Series(AAPL, DAILY), DAY)


OPTIONS = strategies.series(security_types=(SecurityType.OPTION,))


@settings(max_examples=60)
@given(strategies.deliveries(of=OPTIONS, max_size=4))
def test_what_is_written_is_read(delivery: Delivery) -> None:
    chain, series = delivery.bars, delivery.series
    assert isinstance(chain, ChainBars)
    day = delivery.session.date if series.resolution.is_file_per_session else None
    texts = chain_texts(chain, series, NEW_YORK, day)
    assert chain_of(texts, series, NEW_YORK, day) == chain
    assert len(texts) == len(chain.contracts)
    for text in texts.values():
        assert text.endswith(b"\n") is series.resolution.is_file_per_session


def test_one_number_too_many_names_its_bar() -> None:
    ones = [1.0]
    chain = ChainBars([contract("1")], [1], Bars([0], ones, ones, ones, ones, [float("nan")]))
    with pytest.raises(ContractError, match="lacks a price or a size"):
        chain_texts(chain, Series(AAPL, DAILY), NEW_YORK)


NAME = "aapl_trade_american_call_1000000_20160115.csv"
ROW = b"20160217 00:00,10000,20000,10000,20000,5"


def put(folder: Path, **texts: bytes) -> Path:
    path = folder / zip_path(Series(AAPL, DAILY), DAY)
    path.parent.mkdir(parents=True, exist_ok=True)
    names = {"one": NAME, "two": NAME.replace("call", "put"), "stranger": "x.csv"}
    path.write_bytes(zip_of_many({names[key]: packed(text) for key, text in texts.items()}))
    return path


@pytest.mark.parametrize(
    ("texts", "cause"),
    [
        ({"one": b"1,2"}, "call_1000000_20160115.csv: LEAN would misread line 1"),
        ({"one": ROW, "two": ROW + b"\n\n"}, "put_1000000_20160115.csv: LEAN would misread"),
        ({"one": b""}, "It is empty"),
        ({"stranger": ROW}, "no entry is named for a contract of AAPL"),
    ],
)
def test_damaged_entries_are_named(texts: dict[str, bytes], cause: str, tmp_path: Path) -> None:
    path, series = put(tmp_path, **texts), Series(AAPL, DAILY)
    with pytest.raises(DamagedFileError, match=cause):
        list(sound_texts(path, series))
    with pytest.raises(DamagedFileError, match=cause):
        check_file(path, series)
    with pytest.raises(DamagedFileError, match=cause):
        session_dates(path, series)


def test_what_lean_tolerates_is_read_in_order(tmp_path: Path) -> None:
    later, earlier = ROW.replace(b"0217", b"0219"), ROW.replace(b"0217", b"0216")
    path = put(tmp_path, one=b"\r\n".join((later, earlier, ROW, ROW)) + b"\r\n", stranger=b"?")
    series = Series(AAPL, DAILY)
    assert session_dates(path, series) == {dt.date(2016, 2, day) for day in (16, 17, 19)}
    chain = read_file(path, series=series, time_zone=NEW_YORK)
    assert len(chain) == 3
    assert sorted(chain.time) == list(chain.time)


@given(st.lists(st.integers(0, 3), max_size=4))
def test_parts_of_a_chain_are_joined_by_contract(numbers: list[int]) -> None:
    ones = [1.0]
    parts = [
        ChainBars([contract(str(number + 1))], [1], Bars([at], ones, ones, ones, ones, ones))
        for at, number in enumerate(numbers)
    ]
    whole = ChainBars.concat(parts)
    assert len(whole) == len(numbers)
    for number in set(numbers):
        times = whole.of(contract(str(number + 1))).time.tolist()
        assert times == [at for at, one in enumerate(numbers) if one == number]
    assert whole.between(0, 2) == ChainBars.concat(parts[:2])
