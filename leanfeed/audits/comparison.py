"""What became of a comparison with another source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import asdict, frozen

from leanfeed.report import Failure
from leanfeed.values import Series, Session
from leanfeed.wording import counted

__all__ = ["BarDifference", "Comparison", "Difference"]

#: So many sessions are shown in the text, with so many bars each.
_SHOWN, _SHOWN_BARS = 10, 2


@frozen
class BarDifference:
    """One value of one bar that is not the same."""

    #: Start of the bar, such as ``2024-11-25T14:30:00Z``.
    time: str
    #: ``open``, ``high``, ``low``, ``close`` or ``volume``.
    name: str
    here: float
    there: float

    def __str__(self) -> str:
        return f"{self.time} {self.name} {self.here:.12g} here, {self.there:.12g} there"


@frozen
class Difference:
    """One session that is not the same on disk and at the source."""

    series: Series
    session: Session
    #: Bars on disk, and those that the source gave.
    here: int
    there: int
    #: Bars that only one of them has.
    only_here: int = 0
    only_there: int = 0
    #: Bars of both with a value that differs by more than is tolerated.
    differing: int = 0
    #: The first of their values.
    bars: tuple[BarDifference, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The difference as plain JSON values."""
        return {
            **_place(self.series, self.session),
            "here": self.here,
            "there": self.there,
            "only_here": self.only_here,
            "only_there": self.only_there,
            "differing": self.differing,
            "bars": [asdict(bar) for bar in self.bars],
        }

    def __str__(self) -> str:
        if not self.there:
            said = f"{counted(self.here, 'bar')} here; the source says that there was no trading"
            return f"{self.series} {self.session}: {said}"
        parts = []
        if self.differing:
            parts.append(f"{self.differing} of {counted(self.here, 'bar')} differ")
        parts += [f"{self.only_here} only here"] if self.only_here else []
        parts += [f"{self.only_there} only there"] if self.only_there else []
        shown = "".join(f"; {bar}" for bar in self.bars[:_SHOWN_BARS])
        return f"{self.series} {self.session}: {', '.join(parts)}{shown}"


@frozen
class Comparison:
    """What a source says about a sample of the sessions on disk. Nothing of it was stored."""

    source: str
    #: Percent by which a value may differ.
    price_tolerance: float
    volume_tolerance: float
    #: Sessions of the sample.
    sampled: int = 0
    #: Sessions that are the same within the tolerances.
    same: int = 0
    differences: tuple[Difference, ...] = ()
    #: Sessions about which the source said nothing, each with the reason: they were not compared.
    unanswered: Mapping[tuple[Series, Session], str] = {}
    failures: tuple[Failure, ...] = ()

    @property
    def ok(self) -> bool:
        """Nothing differs, and the source answered for the whole sample."""
        return not (self.differences or self.unanswered)

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain JSON values."""
        return {
            "ok": self.ok,
            "source": self.source,
            "price_tolerance": self.price_tolerance,
            "volume_tolerance": self.volume_tolerance,
            "sampled": self.sampled,
            "same": self.same,
            "differences": [difference.to_dict() for difference in self.differences],
            "unanswered": [
                {**_place(series, session), "reason": reason}
                for (series, session), reason in self.unanswered.items()
            ],
            "failures": [asdict(failure) for failure in self.failures],
        }

    def lines(self) -> list[str]:
        """The comparison for people."""
        if not self.sampled:
            return [f"  compared with {self.source}: no sound session of trades to compare"]
        counts = (
            f"{counted(self.sampled, 'session')} compared with {self.source}: {self.same} the "
            f"same, {len(self.differences)} different, {len(self.unanswered)} not answered"
        )
        allowed = (
            f"prices within {self.price_tolerance:g} %, volumes within {self.volume_tolerance:g} %"
        )
        lines = [f"  {counts} ({allowed})"]
        lines += _shown([str(difference) for difference in self.differences])
        reasons: dict[str, int] = {}
        for reason in self.unanswered.values():
            reasons[reason] = reasons.get(reason, 0) + 1
        lines += _shown([f"{counted(n, 'session')} not compared: {r}" for r, n in reasons.items()])
        lines += [f"    {failure.source} gave up: {failure.message}" for failure in self.failures]
        if self.differences:
            lines.append(
                "    Nothing was changed. To take what the source says: `leanfeed ensure` with "
                f"--refresh, --overwrite and --sources {self.source}."
            )
        return lines


def _place(series: Series, session: Session) -> dict[str, str]:
    return {
        "symbol": series.symbol.ticker,
        "resolution": series.resolution.value,
        "session": str(session),
    }


def _shown(texts: Sequence[str]) -> list[str]:
    more = [f"    and {len(texts) - _SHOWN} more"] if len(texts) > _SHOWN else []
    return [f"    {text}" for text in texts[:_SHOWN]] + more
