"""The sessions of a coverage as a few compressed columns, which the page's script takes apart."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, field

from leanfeed.coverages.coverage import Coverage, SeriesCoverage
from leanfeed.coverages.page.strips import WORST
from leanfeed.coverages.states import Reason
from leanfeed.lean.paths import zip_path
from leanfeed.wording import named

__all__ = ["Columns", "packed"]

_ANY_DAY = dt.date(2000, 1, 1)

#: Without quotes, backslash and less-than.
_DIGITS = np.frombuffer(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;.=>?@^_`{|}~",
    dtype=np.uint8,
)

Numbers = npt.NDArray[np.int64]

_RANKS = {reason: WORST.index(reason.state) for reason in Reason}
_REASONS = {reason: position for position, reason in enumerate(Reason, start=1)}


@define
class _Texts:
    """Texts that occur often, and the place of each."""

    places: dict[str, int] = field(factory=lambda: {"": 0})

    def __call__(self, texts: Sequence[str]) -> Iterable[int]:
        for text in dict.fromkeys(texts):
            self.places.setdefault(text, len(self.places))
        return map(self.places.__getitem__, texts)


@define
class Columns:
    """What the script needs. A cell is a date of the axis in one series, with a session or without.

    Each column has a number for every cell, series after series. A column of wide numbers is cut
    into planes, the lowest bytes of all its numbers first: they compress better than the numbers.
    """

    coverage: Coverage
    dates: Sequence[dt.date] = field(init=False)
    #: Where on the axis the sessions of each series are.
    _places: list[Numbers] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.dates = sorted({x.date for s in self.coverage.series for x in s.sessions})
        place = {date: number for number, date in enumerate(self.dates)}
        self._places = [
            np.array([place[session.date] for session in s.sessions], dtype=np.int64)
            for s in self.coverage.series
        ]

    def needed(self) -> dict[str, Any]:
        """What every page has: states, sources, numbers of bars, times, reasons for fallbacks."""
        sources, fallbacks = _Texts(), _Texts()
        times: dict[int, int] = {0: 0}
        return {
            "dates": [date.toordinal() for date in self.dates],
            "series": [self._head(number) for number in range(len(self.coverage.series))],
            "reasons": [[reason.state.value, reason.text] for reason in Reason],
            "anomalies": packed(json.dumps(list(self._anomalies())).encode()),
            "reason": self._column(lambda s: [_REASONS[reason] for reason in s.reasons]),
            "source": self._column(lambda s: sources(s.facts.sources)),
            # One more, so that nothing is 0.
            "rows": self._column(lambda s: [rows + 1 for rows in s.facts.rows]),
            "time": self._column(
                lambda s: [times.setdefault(t, len(times)) for t in s.facts.affirmed_at]
            ),
            "fallback": self._column(lambda s: fallbacks(s.facts.fallbacks)),
            "sources": list(sources.places),
            "times": list(times),
            "fallbacks": list(fallbacks.places),
        }

    def requests(self) -> dict[str, Any]:
        """The providers' names for their answers."""
        requests = _Texts()
        column = self._column(lambda s: requests(s.facts.request_ids))
        texts = "\n".join(" ".join(text.split()) for text in requests.places)
        return {"request": column, "requests": packed(texts.encode())}

    def digests(self) -> dict[str, Any]:
        """The checksums of the rows; hardly to be compressed."""
        return {"digest": self._column(lambda s: s.facts.crcs)}

    def worst(self, number: int, marks: Sequence[int]) -> Numbers:
        """What stands for the sessions under each mark: the place of its state in WORST.

        Args:
            number: of the series.
            marks: where on the axis each mark begins.
        """
        spread = np.full(len(self.dates), len(WORST), dtype=np.int64)
        reasons = self.coverage.series[number].reasons
        spread[self._places[number]] = [_RANKS[reason] for reason in reasons]
        found: Numbers = np.minimum.reduceat(spread, marks)
        return found

    def _head(self, number: int) -> dict[str, Any]:
        series = self.coverage.series[number].series
        first, last = self._range(number)
        path = str(zip_path(series, _ANY_DAY))
        if series.resolution.is_file_per_session:
            path = path.replace(f"{_ANY_DAY:%Y%m%d}", "*")
        elif series.is_chain:
            path = path.replace(f"_{_ANY_DAY:%Y}_", "_?_")
        return {
            "name": named(series.symbol),
            "resolution": series.resolution.value,
            "first": first,
            "count": last - first,
            # The page puts the day for *, and its year for ?.
            "path": path,
        }

    def _range(self, number: int) -> tuple[int, int]:
        """From the first date of a series on the axis to the one after its last."""
        places = self._places[number]
        return (int(places[0]), int(places[-1]) + 1) if len(places) else (0, 0)

    def _anomalies(self) -> Iterable[list[Any]]:
        for number, s in enumerate(self.coverage.series):
            where = dict(zip(s.sessions, self._places[number].tolist(), strict=True))
            for session, odd in s.anomalies.items():
                yield [number, where[session], odd.kind.value, odd.usual, odd.where]

    def _column(self, numbers: Callable[[SeriesCoverage], Iterable[int]]) -> dict[str, Any]:
        """One column: its width in bytes, and its planes."""
        parts = [np.empty(0, dtype=np.int64)]
        for number, s in enumerate(self.coverage.series):
            first, last = self._range(number)
            spread = np.zeros(last - first, dtype=np.int64)
            spread[self._places[number] - first] = list(numbers(s))
            parts.append(spread)
        whole = np.concatenate(parts).astype("<u4")
        width = max(1, (int(whole.max(initial=0)).bit_length() + 7) // 8)
        planes = whole.view(np.uint8).reshape(-1, 4).T[:width]
        return {"width": width, "planes": packed(planes.tobytes())}


def packed(content: bytes) -> str:
    """Compressed, as text that needs no escape: base 85, five digits for four bytes."""
    compressed = zlib.compress(content)
    padding = -len(compressed) % 4
    numbers = np.frombuffer(compressed + bytes(padding), dtype=">u4").astype(np.uint32)
    digits = np.empty((len(numbers), 5), dtype=np.uint8)
    for place in range(4, -1, -1):
        numbers, digits[:, place] = np.divmod(numbers, 85)
    text = _DIGITS[digits].tobytes().decode()
    return text[: len(text) - padding]
