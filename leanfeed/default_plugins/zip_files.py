"""LEAN's own zips on disk, each replaced whole or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from time import monotonic

from leanfeed.bars import Bars, QuoteBars
from leanfeed.default_plugins.safe_files import keep_aside, locked, replace
from leanfeed.errors import DamagedFileError, WriteError
from leanfeed.lean import lines, merge, paths, reader, zips
from leanfeed.values import Delivery, Series, TickType, Written

__all__ = ["store"]

#: In a long run shared files are merged so often, in seconds: a run that is killed loses no more.
_MERGE_EVERY = 60.0


def store(deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
    """Write minute and second zips as their sessions arrive, hour and daily zips at the end."""
    shared: dict[Series, list[Delivery]] = {}
    merged_at = monotonic()
    for delivery in deliveries:
        if delivery.series.resolution.is_file_per_session:
            yield _write_session(delivery, data_folder)
            continue
        shared.setdefault(delivery.series, []).append(delivery)
        if monotonic() - merged_at > _MERGE_EVERY:
            yield from _merge_all(shared, data_folder)
            merged_at = monotonic()
    yield from _merge_all(shared, data_folder)


def _merge_all(shared: dict[Series, list[Delivery]], data_folder: Path) -> Iterator[Written]:
    for series, sessions in shared.items():
        yield from _merge_sessions(series, sessions, data_folder)
    shared.clear()


@contextlib.contextmanager
def _explained(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename2 or error.filename or target
        cause = error.strerror or type(error).__name__
        raise WriteError(
            f"{where} cannot be written: {cause}; mend that and run again, what was written "
            "before is safe."
        ) from error


def _write_session(delivery: Delivery, data_folder: Path) -> Written:
    """One session's own zip, replaced whole."""
    series, session = delivery.series, delivery.session
    path = paths.zip_path(series, session.date)
    data = b""
    with _explained(data_folder / path):
        kept_aside = ""
        if _is_damaged(data_folder / path, series):
            kept_aside = keep_aside(data_folder, path, by_move=not len(delivery.bars))
        if len(delivery.bars):
            text = lines.format_bars(delivery.bars, series, session.time_zone)
            data = zips.zip_bytes(paths.entry_name(series, session.date), text)
            replace(data_folder / path, data)
    return _confirm(delivery, path, bytes_written=len(data), kept_aside=kept_aside)


def _merge_sessions(series: Series, deliveries: list[Delivery], data_folder: Path) -> list[Written]:
    """All sessions of one series into its one zip; every other row stays as it is."""
    path = paths.zip_path(series)
    target = data_folder / path
    traded = [delivery for delivery in deliveries if len(delivery.bars)]
    kept_aside, data = "", b""
    with _explained(target), locked(data_folder, path):
        old: dict[str, bytes] = {}
        if _is_damaged(target, series):
            old = _sound_entries(target, series)
            kept_aside = keep_aside(data_folder, path, by_move=not traded and not old)
        elif target.exists():
            old = zips.entries(target)
        if traded or kept_aside:
            text = _merged(series, traded, old)
            name = paths.entry_name(series)
            if text and old != {name: text}:  # replacing a file costs: never for nothing
                data = zips.zip_bytes(name, text)
                replace(target, data)
    last = (traded or deliveries)[-1]
    return [
        _confirm(
            delivery,
            path,
            bytes_written=len(data) if delivery is last else 0,
            kept_aside=kept_aside if delivery is last else "",
        )
        for delivery in deliveries
    ]


def _merged(series: Series, traded: list[Delivery], old: dict[str, bytes]) -> bytes:
    new = b""
    if traded:
        bars: Bars | QuoteBars
        if series.tick_type is TickType.TRADE:
            bars = Bars.concat([d.bars for d in traded if isinstance(d.bars, Bars)])
        else:
            bars = QuoteBars.concat([d.bars for d in traded if isinstance(d.bars, QuoteBars)])
        new = lines.format_bars(bars, series, traded[0].session.time_zone)
    return merge.merge_rows(list(old.values()), new, {d.session.date for d in traded})


def _is_damaged(target: Path, series: Series) -> bool:
    try:
        reader.check_file(target, series)
    except FileNotFoundError:
        return target.is_symlink()  # to nowhere
    except DamagedFileError:
        return True
    return False


def _sound_entries(target: Path, series: Series) -> dict[str, bytes]:
    """What can be saved of a damaged file: its sound rows, if the zip itself can be read."""
    try:
        entries = zips.entries(target)
    except (DamagedFileError, FileNotFoundError):
        return {}
    sound = {name: lines.sound_part(text, series) for name, text in entries.items()}
    return {name: text for name, text in sound.items() if text}


def _confirm(
    delivery: Delivery, path: PurePosixPath, *, bytes_written: int, kept_aside: str
) -> Written:
    rows = len(delivery.bars)
    return Written(
        series=delivery.series,
        session=delivery.session,
        source=delivery.source,
        request_id=delivery.request_id,
        rows=rows,
        path=str(path) if rows or kept_aside else "",
        bytes_written=bytes_written,
        kept_aside=kept_aside,
    )
