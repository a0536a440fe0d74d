"""The text inside a zip: bars to LEAN's lines, and back.

LEAN joins lines with LF, without a header and without a line end after the last line. Its reader
goes field by field, not line by line: one comma too many shifts the rest of the file without an
error. So what is written is exact, and what is read must match to the last character.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import msgspec
import numpy as np

from leanfeed import kernel
from leanfeed.bars import Bars, FloatColumn, QuoteBars, TimeColumn
from leanfeed.errors import ContractError, DamagedFileError, InvalidRequestError
from leanfeed.lean.decimals import Cell, cells, number_text, parse_numbers
from leanfeed.lean.local_time import DAY, even_midnight, instants, local_times, wall_clock
from leanfeed.lean.market_hours import zone
from leanfeed.options import ChainBars
from leanfeed.values import Resolution, SecurityType, Series, TickType

__all__ = [
    "format_bars",
    "format_sessions",
    "normalised",
    "number_text",
    "parse_bars",
    "sound_part",
    "sound_rows",
]

AnyBars = Bars | QuoteBars | ChainBars

#: LEAN stores their prices times 10,000 (LeanData.GenerateLine).
_SCALED = (SecurityType.EQUITY, SecurityType.OPTION, SecurityType.INDEX_OPTION)

#: LEAN's reader counts digits in 64 bits.
_NUMBER = rb"-?[0-9]{1,18}(?:\.[0-9]{1,28})?"
_TRADE = rb"(?:,NUMBER){5}"
_QUOTE = rb"(?:,(?:NUMBER(?:,NUMBER){3}|,,,),NUMBER){2}"
_MILLISECONDS = rb"[0-9]{1,8}"
_STAMP = rb"[0-9]{8} [0-9]{2}:[0-9]{2}"

_ENCODER = msgspec.json.Encoder()


def _sound(start: bytes, rest: bytes) -> re.Pattern[bytes]:
    """Matches sound rows up to the first one that is not."""
    return re.compile(rb"(?:" + start + rest.replace(b"NUMBER", _NUMBER) + rb"(?:\n|\Z))*+")


_ROWS = {
    (is_one_day, tick_type): _sound(start, rest)
    for is_one_day, start in ((True, _MILLISECONDS), (False, _STAMP))
    for tick_type, rest in ((TickType.TRADE, _TRADE), (TickType.QUOTE, _QUOTE))
}


def format_bars(bars: AnyBars, series: Series, time_zone: str) -> bytes:
    """LEAN's lines for the bars, in their order.

    Args:
        bars: at minute and second resolution, those of one day in `time_zone`.
        series: decides how times and prices are written. Prices of equities and of options on
            equities and indices are multiplied by 10,000; volumes and sizes never are.
        time_zone: the data time zone. Minute and second bars are stamped in milliseconds of wall
            clock since midnight, hour and daily bars as ``yyyyMMdd HH:mm``.

    Raises:
        ContractError: the bars are not of the series' tick type or not of one day, their columns
            differ in length, or a number is missing or beyond what LEAN can read. The prices of a
            side that nobody quoted may be NaN, all four of them.
    """
    expected = QuoteBars if series.tick_type is TickType.QUOTE else Bars
    if not isinstance(bars, expected):
        raise ContractError(
            f"{type(bars).__name__} cannot be stored as {series}: deliver {series.tick_type} bars."
        )
    if not _are_whole(bars):
        raise ContractError(f"The columns of the bars of {series} differ in length.")
    clock = zone(time_zone)
    times, columns = bars.columns[0], bars.columns[1:]
    scales = _scales(bars, series)
    if not series.resolution.is_file_per_session:
        _check_numbers(bars)
        return _csv(_stamps(local_times(times, clock)), columns, scales)
    midnight = even_midnight(int(times[0]), clock) if len(times) else None
    if midnight is not None and isinstance(bars, Bars):
        text, count = kernel.format_rows(times, columns, scales, midnight=midnight)
        if count == len(times):
            return text
    _check_numbers(bars)
    since_midnight = _since_midnight(local_times(times, clock), series.resolution)
    return _session_rows(since_midnight, columns, scales)


def format_sessions(sessions: Sequence[tuple[AnyBars, Series, str]]) -> list[bytes]:
    """:func:`format_bars` of several sessions, each with its series and its data time zone.

    Together they take much less time than one by one.

    Raises:
        ContractError: as there, of the first one that cannot be written.
    """
    blocks = {}
    for number, (bars, series, time_zone) in enumerate(sessions):
        is_own = series.resolution.is_file_per_session
        if isinstance(bars, Bars) and is_own and bars.time.size and _are_whole(bars):
            midnight = even_midnight(int(bars.time[0]), zone(time_zone))
            if midnight is not None and series.tick_type is TickType.TRADE:
                scales = _scales(bars, series)
                blocks[number] = kernel.Block(bars.to_bytes(), len(bars), midnight, scales)
    texts = dict(zip(blocks, kernel.format_sessions([*blocks.values()]), strict=True))
    return [texts.get(number) or format_bars(*one) for number, one in enumerate(sessions)]


def parse_bars(
    text: bytes, series: Series, time_zone: str, *, day: dt.date | None = None
) -> Bars | QuoteBars:
    """The bars of one file, in the file's order: the inverse of :func:`format_bars`.

    Tolerates what LEAN tolerates: CRLF, a final line end, a byte order mark.

    Args:
        text: the content of the entry.
        series: what the file holds.
        time_zone: the data time zone.
        day: the day of the file, at minute and second resolution.

    Raises:
        DamagedFileError: LEAN would misread a line. The message names its number.
        InvalidRequestError: `day` is needed and missing.
    """
    make = QuoteBars if series.tick_type is TickType.QUOTE else Bars
    rows = sound_rows(text, series.resolution, series.tick_type)
    if not rows:
        return make.empty()
    width = rows[0].count(b",") + 1
    fields = b",".join(rows).split(b",")
    price_scale = _price_scale(series)
    return make(
        instants(_parse_times(fields[::width], series, day), zone(time_zone)),
        *(
            parse_numbers(fields[i + 1 :: width], scale=1 if _is_size(i) else price_scale)
            for i in range(width - 1)
        ),
    )


def sound_rows(text: bytes, resolution: Resolution, tick_type: TickType) -> list[bytes]:
    """The rows of one file, each as LEAN's reader wants it, without line ends.

    Raises:
        DamagedFileError: LEAN would misread a line. The message names its number.
    """
    text = normalised(text)
    sound = _ROWS[resolution.is_file_per_session, tick_type].match(text)
    end = sound.end() if sound else 0
    if end < len(text) or text.endswith(b"\n"):
        raise _damaged(text.count(b"\n", 0, end))
    return text.split(b"\n") if text else []


def sound_part(text: bytes, series: Series) -> bytes:
    """The rows of one file that LEAN reads as they are meant; the others are left out."""
    sound = _ROWS[series.resolution.is_file_per_session, series.tick_type]
    rows = normalised(text).replace(b"\r", b"\n").split(b"\n")
    return b"\n".join(
        row for row in rows if row and (m := sound.match(row)) and m.end() == len(row)
    )


def normalised(text: bytes) -> bytes:
    """The text with LF between lines and without a byte order mark or a final line end."""
    text = text.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    return text.removesuffix(b"\n")


def _are_whole(bars: Bars | QuoteBars) -> bool:
    """Whether every column has as many numbers as there are bars: who reads more, reads astray."""
    return {column.shape for column in bars.columns} == {(bars.time.size,)}


def _scales(bars: AnyBars, series: Series) -> list[int]:
    """By what each column but the first is multiplied."""
    price_scale = _price_scale(series)
    return [1 if _is_size(i) else price_scale for i in range(len(bars.columns) - 1)]


def _is_size(i: int) -> bool:
    """Four prices are followed by their volume or size."""
    return i % 5 == 4


def _price_scale(series: Series) -> int:
    return 10_000 if series.symbol.security_type in _SCALED else 1


def _session_rows(
    times: TimeColumn, columns: Sequence[FloatColumn], scales: Sequence[int]
) -> bytes:
    """Rows by the kernel, as far as it is sure of them, and by :func:`_csv`."""
    parts: list[bytes] = []
    done, by_hand = 0, 1 if kernel.is_there() else len(times)
    while done < len(times):
        rest = [column[done:] for column in columns]
        text, count = kernel.format_rows(times[done:], rest, scales, may_lack=True)
        if count:
            parts.append(text)
            done += count
        if done < len(times):
            some = slice(done, done + by_hand)
            try:
                parts.append(_csv(times[some].tolist(), [c[some] for c in columns], scales))
            except ContractError:
                _csv(times.tolist(), columns, scales)  # names the same number on every road
                raise
            done += by_hand
            by_hand *= 2  # where one row is odd, there may be many
    return b"\n".join(parts)


def _csv(times: list[Cell], columns: Sequence[FloatColumn], scales: Sequence[int]) -> bytes:
    # The fastest road from numbers to text that every install has: JSON, a row a line. What JSON
    # puts around rows and texts is taken off again.
    numbers = (cells(values, scale=scale) for values, scale in zip(columns, scales, strict=True))
    rows = list(zip(times, *numbers, strict=True))
    return _ENCODER.encode_lines(rows).translate(None, b'[]"').removesuffix(b"\n")


def _check_numbers(bars: Bars | QuoteBars) -> None:
    columns: tuple[FloatColumn, ...] = bars.columns[1:]
    with np.errstate(over="ignore"):
        if np.isfinite(sum(columns)).all():
            return  # the short way for nearly all bars there are
    sound = np.ones(len(bars), dtype=bool)
    for i in range(0, len(columns), 5):
        *prices, size = columns[i : i + 5]
        is_priced = np.isfinite(prices).all(axis=0)
        if isinstance(bars, QuoteBars):
            is_priced |= np.isnan(prices).all(axis=0)
        sound &= is_priced & np.isfinite(size)
    if not sound.all():
        start = np.datetime64(int(bars.time[int(np.argmin(sound))]), "ms")
        raise ContractError(
            f"The bar at {start}Z lacks a price or a size: check the answer of the provider."
        )


def _stamps(local: TimeColumn) -> list[Cell]:
    iso = np.datetime_as_string(local.astype("datetime64[ms]"), unit="m")
    return [stamp.replace("-", "").replace("T", " ") for stamp in iso.tolist()]


def _since_midnight(local: TimeColumn, resolution: Resolution) -> TimeColumn:
    days = local // DAY
    if len(days) and days.min() < days.max():
        raise ContractError(
            f"Bars of several days cannot share one {resolution} file: deliver them day by day."
        )
    return local - days * DAY


def _parse_times(texts: list[bytes], series: Series, day: dt.date | None) -> TimeColumn:
    """Wall-clock milliseconds since 1970-01-01 00:00."""
    if series.resolution.is_file_per_session:
        if day is None:
            raise InvalidRequestError(f"A {series.resolution} file belongs to one day: say which.")
        since_midnight = np.array([int(text) for text in texts], dtype=np.int64)
        if since_midnight.max() >= DAY:
            raise _damaged(int(np.argmax(since_midnight >= DAY)))
        return since_midnight + wall_clock(day)
    stamps = []
    for row, text in enumerate(texts):
        try:
            stamps.append(dt.datetime.fromisoformat(text.decode()))
        except ValueError as error:
            raise _damaged(row) from error
    return np.array(stamps, dtype="datetime64[ms]").astype(np.int64)


def _damaged(row: int) -> DamagedFileError:
    return DamagedFileError(
        f"LEAN would misread line {row + 1}: fetch the file again with leanfeed."
    )
