"""Options: from the names of contracts to the chains of their underlyings."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from leanfeed import ChainBars, OptionContract, Resolution, SecurityType, Series, Symbol
from leanfeed_flatfiles.chains import contract_of
from leanfeed_flatfiles.source import FlatFilesSource
from tests.flatfiles.made_files import DAY, fetch, gap, row, session, stamp, write

JUNE = dt.date(2024, 6, 21)


def contract(right: str, strike: str, expiry: dt.date = JUNE) -> OptionContract:
    return OptionContract(expiry, right, Decimal(strike))


def chain(folder: Path, ticker: str, resolution: str = "minute") -> ChainBars:
    came, error, _ = fetch(folder, gap(ticker, resolution, kind="option"))
    assert not error
    (delivery,) = came.values()
    assert isinstance(delivery.bars, ChainBars)
    return delivery.bars


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("O:SPY240621C00500000", ("SPY", contract("call", "500"))),
        ("O:A240621P00022500", ("A", contract("put", "22.5"))),
        ("O:AAPL240621C00223333", ("AAPL", contract("call", "223.333"))),
        ("O:NFLX240621C01000000", ("NFLX", contract("call", "1000"))),
        ("O:XOM140621C00100000", ("XOM", contract("call", "100", dt.date(2014, 6, 21)))),
        ("O:AAPL1240621C00100000", None),
        ("O:2SPY240621C00100000", None),
        ("O:SPY240631C00100000", None),
        ("O:SPY240621X00100000", None),
        ("O:SPY240621C00000000", None),
        ("SPY240621C00100000", None),
        ("O:240621C00100000", None),
        ("O:SPY240621C0010000é", None),
    ],
)
def test_names(name: str, expected: tuple[str, OptionContract] | None) -> None:
    found = contract_of(name.encode())
    assert (found and (found[0].decode(), found[1])) == expected


def test_a_chain(tmp_path: Path) -> None:
    write(
        tmp_path,
        [
            row("O:AAPL240621C00190000", "09:31", price=5),
            row("O:SPY240621C00500000", "09:30", price=10),
            row("O:SPY240621C00500000", "15:59", price=11),
            row("O:SPY240621P00500000", "12:00", price=3, volume=0, transactions=0),
            row("O:SPY240621P00510000", "12:00", price=3),
            row("O:SPY1240621C00500000", "12:00", price=99),
            row("O:SPYG240621C00050000", "12:00", price=2),
        ],
        kind="options_minute",
    )
    bars = chain(tmp_path, "SPY")
    assert bars.contracts == (contract("call", "500"), contract("put", "510"))
    assert bars.counts == (2, 1)
    assert bars.bars.open.tolist() == [10, 11, 3]
    assert bars.bars.time.tolist() == [stamp(t) // 10**6 for t in ("09:30", "15:59", "12:00")]
    assert len(chain(tmp_path, "MSFT")) == 0


def test_contracts_come_in_order(tmp_path: Path) -> None:
    names = ["SPY240628C00001000", "SPY240621P00001000", "SPY240621C00002000", "SPY240621C00001500"]
    write(tmp_path, [row(f"O:{name}") for name in names], kind="options_minute")
    assert [str(c) for c in chain(tmp_path, "SPY").contracts] == [
        "2024-06-21 call 1.5", "2024-06-21 call 2", "2024-06-21 put 1", "2024-06-28 call 1",
    ]  # fmt: skip


def test_days_of_options_whose_stamp_is_wrong(tmp_path: Path) -> None:
    rows = [row(f"O:SPY240621C0050{i}000", -68_400_000_000_000, price=i + 1) for i in range(3)]
    write(tmp_path, rows, kind="options_daily")
    bars = chain(tmp_path, "SPY", "daily")
    assert bars.bars.time.tolist() == [session().day[0]] * 3
    assert bars.counts == (1, 1, 1)


def test_share_classes_are_named_without_their_dot(tmp_path: Path) -> None:
    write(tmp_path, [row("O:BRKB240621C00400000")], kind="options_minute")
    assert len(chain(tmp_path, "BRK.B")) == 1


def test_one_bad_contract_costs_its_chain(tmp_path: Path) -> None:
    bad = f"O:SPY240621C00500000,1,5,5,4,6,{stamp('09:30')},1"
    rows = [row("O:QQQ240621C00400000"), bad, row("O:SPY240621C00510000")]
    write(tmp_path, rows, kind="options_minute")
    came, error, _ = fetch(tmp_path, *(gap(t, kind="option") for t in ("QQQ", "SPY", "IWM")))
    assert [key[0] for key in came] == ["QQQ", "IWM"]
    assert "O:SPY240621C00500000 not used" in error


@pytest.mark.parametrize(
    ("ticker", "resolution", "expected"),
    [
        ("SPY", "minute", True),
        ("SPY", "daily", True),
        ("SPY", "hour", False),
        ("SPX", "minute", False),
        ("VIX", "daily", False),
        ("SPY", "second", False),
    ],
)
def test_what_is_supported(ticker: str, resolution: str, expected: bool) -> None:
    series = Series(Symbol(ticker, SecurityType.OPTION), Resolution(resolution))
    assert FlatFilesSource().supports(series) is expected


def test_a_large_file_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"O:{root}240621C0050{i}000" for root in ("AA", "BB", "CC") for i in range(5)]
    write(tmp_path, map(row, names), kind="options_minute")
    gaps = [gap(t, kind="option") for t in ("AA", "BB", "CC", "DD")]
    whole = fetch(tmp_path, *gaps)
    monkeypatch.setattr("leanfeed_flatfiles.deliveries._AT_A_TIME", 100)
    parted, error, _ = fetch(tmp_path, *gaps)
    assert (parted, error) == whole[:2]
    assert {key: len(d.bars) for key, d in parted.items()} == {
        (t, "minute", str(DAY)): n for t, n in (("AA", 5), ("BB", 5), ("CC", 5), ("DD", 0))
    }
