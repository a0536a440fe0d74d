"""The recording that comes along: honest, whole and the same wherever it is made."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from leanfeed.bars import Bars
from leanfeed.recording.folder import Recording
from leanfeed.values import Gap, Resolution, Series, Session, Symbol
from leanfeed_replay.source import DEMO, ReplaySource
from tests.generate.demo_recording import SECURITIES, sessions, write_demo

Demo = dict[tuple[Symbol, Resolution], dict[Session, Bars]]

SYMBOLS = [Symbol(security.ticker) for security in SECURITIES]


@pytest.fixture(scope="module")
def deliveries() -> Demo:
    found: Demo = {}
    gaps = [Gap(Series(s, r), sessions()) for s in SYMBOLS for r in Resolution]
    for delivery in ReplaySource().fetch(gaps):
        assert isinstance(delivery.bars, Bars)
        key = (delivery.series.symbol, delivery.series.resolution)
        found.setdefault(key, {})[delivery.session] = delivery.bars
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix in (".csv", ".toml")
    }


def test_it_is_what_the_generator_writes(tmp_path: Path) -> None:
    write_demo(tmp_path)
    assert contents(DEMO) == contents(tmp_path)


def test_it_says_that_it_is_invented() -> None:
    about = Recording.load(DEMO).about
    assert about.synthetic
    assert "Invented" in about.notes[0]
    assert "Nothing here is real" in (DEMO / "README.md").read_text("utf-8")


def test_it_stays_small() -> None:
    assert sum(map(len, contents(DEMO).values())) < 1_200_000


def test_it_holds_every_session_of_both_windows(deliveries: Demo) -> None:
    assert len(deliveries) == len(SYMBOLS) * len(Resolution)
    for by_session in deliveries.values():
        assert tuple(by_session) == sessions()
    assert [str(session) for session in sessions()] == [
        *("2024-10-31", "2024-11-01", "2024-11-04", "2024-11-05", "2024-11-06"),
        *("2024-11-25", "2024-11-26", "2024-11-27", "2024-11-29"),
    ]


def test_its_bars_are_sound(deliveries: Demo) -> None:
    for (_, resolution), by_session in deliveries.items():
        for session, bars in by_session.items():
            assert (np.diff(bars.time) > 0).all()
            assert (bars.low > 0).all()
            assert (bars.low <= np.minimum(bars.open, bars.close)).all()
            assert (np.maximum(bars.open, bars.close) <= bars.high).all()
            assert (bars.volume > 0).all()
            if resolution is Resolution.DAILY:
                assert set(bars.time.tolist()) <= {session.day[0]}
            else:
                assert not (bars.time % resolution.milliseconds).any()
                assert len(bars.between(*session.extended)) == len(bars)


@pytest.mark.parametrize("symbol", SYMBOLS, ids=str)
def test_its_resolutions_agree(symbol: Symbol, deliveries: Demo) -> None:
    for session in sessions():
        second, minute, hour, daily = (deliveries[symbol, r][session] for r in Resolution)
        assert sum(minute.volume) == pytest.approx(sum(second.volume))
        regular = minute.between(*session.regular[0])
        for bars in (hour, daily):
            assert sum(bars.volume) == pytest.approx(sum(regular.volume))
            if len(bars):
                assert bars.open[0] == regular.open[0]
                assert bars.high.max() == regular.high.max()
                assert bars.low.min() == regular.low.min()
                assert bars.close[-1] == regular.close[-1]


def test_one_session_had_no_trades(deliveries: Demo) -> None:
    empty = {
        (symbol.ticker, str(session), resolution)
        for (symbol, resolution), by_session in deliveries.items()
        for session, bars in by_session.items()
        if not len(bars)
    }
    assert empty == {("THIN", "2024-11-05", resolution) for resolution in Resolution}


def test_a_liquid_security_trades_in_every_regular_minute(deliveries: Demo) -> None:
    for session, bars in deliveries[Symbol("DEMO"), Resolution.MINUTE].items():
        ((start, end),) = session.regular
        assert len(bars.between(start, end)) == (end - start) // 60_000


def test_a_half_day_has_trades_after_the_close_until_five(deliveries: Demo) -> None:
    by_session = deliveries[Symbol("DEMO"), Resolution.SECOND]
    half_day = next(s for s in by_session if s.date == dt.date(2024, 11, 29))
    bars = by_session[half_day]
    close = half_day.regular[-1][1]
    assert len(bars.between(close, close + 4 * 3_600_000)) > 10
    assert bars.time[-1] < close + 4 * 3_600_000 < half_day.extended[1]


def test_a_thin_security_has_odd_prices_and_volumes(deliveries: Demo) -> None:
    bars = Bars.concat(list(deliveries[Symbol("THIN"), Resolution.SECOND].values()))
    assert (np.abs(bars.close * 10_000 % 1 - 0.5) < 0.01).any()
    assert (bars.volume % 1 != 0).any()
    assert (bars.volume % 1 == 0).any()
