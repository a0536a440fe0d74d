"""A source that keeps every rule, and for each rule one that breaks it and no other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from attrs import define, evolve, field

from leanfeed import (
    Bars,
    Delivery,
    Gap,
    Secret,
    Series,
    Session,
    SourceError,
    UnavailableError,
    on_stop,
)
from leanfeed.testing import SourceConformance, bars_of, gap

KEY = "k-gallery-0123456789"
GAPS = (
    gap("SPY", "minute", "2024-03-07", "2024-03-15"),
    gap("QQQ", "daily", "2024-03-07", "2024-03-12"),
    gap("QQQ", "hour", "2024-03-07", "2024-03-08"),
)
#: Of which the provider says that there was no trading, and of which it says nothing.
QUIET = (gap("THIN", "minute", "2024-03-07", "2024-03-08"),)
UNKNOWN = (gap("NEW", "minute", "2024-03-07", "2024-03-08"),)


@define(eq=False, slots=False)
class Honest:
    """Keeps every rule. `mood` is what the provider does."""

    mood: str = ""
    api_key: Secret = field(factory=lambda: Secret(KEY))

    def supports(self, series: Series) -> bool:
        return True

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Any]:
        pages = [(one.series, session) for one in gaps for session in one.sessions]
        for number, (series, session) in enumerate(pages):
            bars = self.asked(number, series, session)
            if bars is not None:
                yield Delivery(series, session, bars, "r-1")

    def asked(self, number: int, series: Series, session: Session) -> Bars | None:
        """One page of the provider."""
        match self.mood:
            case "failing":
                return self.failed()
            case "garbage":
                return self.garbled()
            case "garbage later" if number:
                return self.garbled_later()
            case "hanging":
                self.wait()
                return None
        if series.symbol.ticker == "THIN":
            return self.without_trades()
        return self.unknown() if series.symbol.ticker == "NEW" else bars_of(series, session)

    def failed(self) -> Bars | None:
        raise UnavailableError("Nobody answers: try again later.")

    def garbled(self) -> Bars | None:
        raise SourceError("The page is garbage: try again later.")

    def garbled_later(self) -> Bars | None:
        raise SourceError("The page is garbage: try again later.")

    def without_trades(self) -> Bars | None:
        return Bars.empty()

    def unknown(self) -> Bars | None:
        return None

    def wait(self) -> None:
        stopped = threading.Event()
        with on_stop(stopped.set):
            stopped.wait(60)


class Kept(SourceConformance):
    """The questions of the gallery."""

    kind: ClassVar[type[Honest]] = Honest
    examples = 5
    patience = 0.5

    def source(self) -> Any:
        return self.kind()

    def gaps(self) -> Sequence[Gap]:
        return GAPS

    def bars(self, series: Series, session: Session) -> Bars:
        return bars_of(series, session)

    def gaps_without_trades(self) -> Sequence[Gap]:
        return QUIET

    def unknown_gaps(self) -> Sequence[Gap]:
        return UNKNOWN

    def failing_sources(self) -> Iterator[Any]:
        yield self.kind("failing")

    def malformed_sources(self) -> Iterator[Any]:
        yield self.kind("garbage")

    def malformed_later_sources(self) -> Iterator[Any]:
        yield self.kind("garbage later")

    def hanging_sources(self) -> Iterator[Any]:
        yield self.kind("hanging")

    def secrets(self) -> Sequence[str]:
        return (KEY,)


class OpensAFile(Honest):
    def __init__(self, mood: str = "") -> None:
        super().__init__(mood)
        self.known = Path(__file__).read_text("utf-8")


class SaysPerhaps(Honest):
    def supports(self, series: Series) -> bool:
        return "perhaps"  # type: ignore[return-value]


class SaysNo(Honest):
    def supports(self, series: Series) -> bool:
        return False


class LooksItUp(Honest):
    def supports(self, series: Series) -> bool:
        return bool(Path(__file__).read_bytes())


class YieldsBars(Honest):
    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Any]:
        for delivery in super().fetch(gaps):
            yield delivery
            yield delivery.bars if len(gaps) == len(GAPS) else delivery


class StrangeRequestId(Honest):
    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Any]:
        for delivery in super().fetch(gaps):
            yield evolve(delivery, request_id="r\n1")


class ForgetsOne(Honest):
    """Of each gap it leaves out the session of March 11th."""

    def asked(self, number: int, series: Series, session: Session) -> Bars | None:
        is_lost = str(session) == "2024-03-11"
        return None if is_lost else super().asked(number, series, session)


class FillsTheHoles(Honest):
    """Asked for some sessions, it delivers all in between: as a page comes."""

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Any]:
        days = {str(s): s for one in GAPS for s in one.sessions}
        for one in gaps:
            first, last = str(one.sessions[0]), str(one.sessions[-1])
            between = tuple(s for day, s in sorted(days.items()) if first <= day <= last)
            yield from super().fetch([Gap(one.series, between if len(gaps) > 1 else one.sessions)])


class DeliversTwice(Honest):
    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Any]:
        deliveries = list(super().fetch(gaps))
        yield from deliveries
        yield from deliveries[-1:] if len(gaps) == len(GAPS) and not self.mood else ()


class NewestFirst(Honest):
    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Any]:
        for one in gaps:
            yield from super().fetch([Gap(one.series, one.sessions[::-1])])


class LosesTheLastBar(Honest):
    def asked(self, number: int, series: Series, session: Session) -> Bars | None:
        bars = super().asked(number, series, session)
        return bars.rows(slice(-1)) if bars is not None and len(bars) > 1 else bars


class Bent(Honest):
    """Bars that are wrong in one way."""

    def asked(self, number: int, series: Series, session: Session) -> Bars | None:
        bars = super().asked(number, series, session)
        return self.bent(bars) if bars is not None and len(bars) else bars

    def bent(self, bars: Bars) -> Bars:
        raise NotImplementedError


class ColumnsOfTwoLengths(Bent):
    def bent(self, bars: Bars) -> Bars:
        return evolve(bars, volume=np.append(bars.volume, 1))


class OffTheGrid(Bent):
    def bent(self, bars: Bars) -> Bars:
        return evolve(bars, time=bars.time + 1) if len(bars) > 1 else bars


class NewestBarFirst(Bent):
    def bent(self, bars: Bars) -> Bars:
        return bars.rows(slice(None, None, -1))


class NextDay(Bent):
    """A time zone was forgotten, or the end of the bar taken for its start."""

    def bent(self, bars: Bars) -> Bars:
        return evolve(bars, time=bars.time + 86_400_000)


class NotANumber(Bent):
    def bent(self, bars: Bars) -> Bars:
        return evolve(bars, close=np.full(len(bars), np.nan))


class PricesOfZero(Bent):
    def bent(self, bars: Bars) -> Bars:
        return evolve(bars, low=np.zeros(len(bars)))


class HighBelowClose(Bent):
    def bent(self, bars: Bars) -> Bars:
        return evolve(bars, high=bars.low, close=bars.low + 1)


class NegativeVolume(Bent):
    def bent(self, bars: Bars) -> Bars:
        return evolve(bars, volume=-bars.volume)


class SilentOnQuietDays(Honest):
    def without_trades(self) -> Bars | None:
        return None


class EmptyForTheUnknown(Honest):
    def unknown(self) -> Bars | None:
        return Bars.empty()


class EmptyOnFailure(Honest):
    """The oldest bug of the field: an empty list that means an error."""

    def failed(self) -> Bars | None:
        return Bars.empty()


class EndsOnFailure(Honest):
    def failed(self) -> Bars | None:
        return None


class LetsOthersRaise(Honest):
    def failed(self) -> Bars | None:
        raise ConnectionError("refused")


class EmptyOnGarbage(Honest):
    def garbled(self) -> Bars | None:
        return Bars.empty()


class StopsAtGarbage(Honest):
    def garbled_later(self) -> Bars | None:
        return None


class CutsTheEnd(Honest):
    """The last session of a long window is cut where the page ends, when it is asked for alone."""

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Any]:
        for delivery in super().fetch(gaps):
            is_part = sum(len(one.sessions) for one in gaps) in (2, 4, 5, 6, 7, 8)
            if is_part and len(delivery.bars) > 1:
                delivery = evolve(delivery, bars=delivery.bars.rows(slice(-1)))
            yield delivery


class FailsOnNothing(Honest):
    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Any]:
        yield from super().fetch([gaps[0], *gaps[1:]])


class ShowsItsKey(Honest):
    def __repr__(self) -> str:
        return f"ShowsItsKey({self.api_key.reveal()})"


class LogsItsKey(Honest):
    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Any]:
        logging.getLogger("wire").debug("GET ?key=%s", self.api_key.reveal())
        yield from super().fetch(gaps)


class TellsItsKey(Honest):
    def failed(self) -> Bars | None:
        raise UnavailableError(f"https://provider/?key={self.api_key.reveal()} does not answer.")


class Pickles(Honest):
    """Has its key as plain text, which no repr shows."""

    def __init__(self, mood: str = "") -> None:
        super().__init__(mood)
        self.api_key = KEY  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "Pickles()"


class RemembersWhatWasLeft(Honest):
    """What an abandoned fetch did not give, the next one gives."""

    left: tuple[Any, ...] = ()

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Any]:
        yield from self.left
        deliveries = list(super().fetch(gaps))
        number = 0
        try:
            for delivery in deliveries:
                number += 1
                yield delivery
        except GeneratorExit:
            self.left = tuple(deliveries[number:])
            raise


class SleepsThrough(Honest):
    def wait(self) -> None:
        threading.Event().wait(5)


class OneStateForAll(Honest):
    """What is asked for is kept in the source, where the next fetch overwrites it."""

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Any]:
        self.open = list(super().fetch(gaps)) if not self.mood else super().fetch(gaps)
        if self.mood:
            yield from self.open
            return
        while self.open:
            yield self.open.pop(0)


#: The rule that each breaks.
BROKEN: Mapping[type[Honest], str] = {
    OpensAFile: "s1",
    SaysPerhaps: "s2",
    SaysNo: "s2",
    LooksItUp: "s3",
    YieldsBars: "s4",
    StrangeRequestId: "s4",
    ForgetsOne: "s5",
    FillsTheHoles: "s6",
    DeliversTwice: "s7",
    NewestFirst: "s8",
    LosesTheLastBar: "s9",
    ColumnsOfTwoLengths: "s10",
    OffTheGrid: "s11",
    NewestBarFirst: "s11",
    NextDay: "s12",
    NotANumber: "s13",
    PricesOfZero: "s13",
    HighBelowClose: "s14",
    NegativeVolume: "s15",
    SilentOnQuietDays: "s16",
    EmptyForTheUnknown: "s17",
    EmptyOnFailure: "s18",
    EndsOnFailure: "s18",
    LetsOthersRaise: "s18",
    EmptyOnGarbage: "s19",
    StopsAtGarbage: "s20",
    CutsTheEnd: "s21",
    FailsOnNothing: "s22",
    ShowsItsKey: "s23",
    LogsItsKey: "s23",
    TellsItsKey: "s23",
    Pickles: "s23",
    RemembersWhatWasLeft: "s24",
    SleepsThrough: "s25",
    OneStateForAll: "s26",
}


class TestHonest(Kept):
    """Keeps every rule."""


for _kind in BROKEN:
    _name = f"Test{_kind.__name__}"
    globals()[_name] = type(_name, (Kept,), {"kind": _kind, "__module__": __name__})
