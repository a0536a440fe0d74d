"""LEAN's own zips on disk, each replaced whole or not at all."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from leanfeed.bars import Bars, QuoteBars
from leanfeed.errors import DamagedFileError, WriteError
from leanfeed.lean import lines, merge, paths, zips
from leanfeed.ledger import FOLDER
from leanfeed.values import Delivery, Series, TickType, Written

__all__ = ["store"]


def store(deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
    """Write minute and second zips as their sessions arrive, hour and daily zips at the end."""
    shared: dict[Series, list[Delivery]] = {}
    for delivery in deliveries:
        if delivery.series.resolution.is_file_per_session:
            with _explained(data_folder):
                written = _write_session(delivery, data_folder)
            yield written
        else:
            shared.setdefault(delivery.series, []).append(delivery)
    for series, sessions in shared.items():
        with _explained(data_folder):
            merged = _merge_sessions(series, sessions, data_folder)
        yield from merged


@contextlib.contextmanager
def _explained(data_folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename2 or error.filename or data_folder
        cause = error.strerror or type(error).__name__
        raise WriteError(
            f"{where} cannot be written: {cause}; mend that and run again, what was written "
            "before is safe."
        ) from error


def _write_session(delivery: Delivery, data_folder: Path) -> Written:
    """One session's own zip, replaced whole."""
    series, session = delivery.series, delivery.session
    path = paths.zip_path(series, session.date)
    kept_aside = _keep_damaged_aside(data_folder, path, by_move=not len(delivery.bars))
    if not len(delivery.bars):
        return _confirm(delivery, kept_aside=kept_aside)
    text = lines.format_bars(delivery.bars, series, session.time_zone)
    data = zips.zip_bytes(paths.entry_name(series, session.date), text)
    _replace(data_folder / path, data)
    return _confirm(delivery, path=path, bytes_written=len(data), kept_aside=kept_aside)


def _merge_sessions(series: Series, deliveries: list[Delivery], data_folder: Path) -> list[Written]:
    """All sessions of one series into its one zip; every other row stays as it is."""
    traded = [delivery for delivery in deliveries if len(delivery.bars)]
    if not traded:
        return [_confirm(delivery) for delivery in deliveries]
    path = paths.zip_path(series)
    kept_aside = _keep_damaged_aside(data_folder, path, by_move=False)
    target = data_folder / path
    old = zips.entries(target) if target.exists() and not kept_aside else {}
    kind = Bars if series.tick_type is TickType.TRADE else QuoteBars
    bars = kind.concat([delivery.bars for delivery in traded])  # type: ignore[misc]
    new = lines.format_bars(bars, series, traded[0].session.time_zone)
    text = merge.merge_rows(list(old.values()), new, {d.session.date for d in traded})
    name = paths.entry_name(series)
    data = b""
    if old != {name: text}:  # replacing a file costs more than writing one: never for nothing
        data = zips.zip_bytes(name, text)
        _replace(target, data)
    return [
        _confirm(
            delivery,
            path=path,
            bytes_written=len(data) if delivery is traded[-1] else 0,
            kept_aside=kept_aside if delivery is traded[-1] else "",
        )
        if len(delivery.bars)
        else _confirm(delivery)
        for delivery in deliveries
    ]


def _confirm(
    delivery: Delivery,
    *,
    path: PurePosixPath | None = None,
    bytes_written: int = 0,
    kept_aside: str = "",
) -> Written:
    return Written(
        series=delivery.series,
        session=delivery.session,
        source=delivery.source,
        request_id=delivery.request_id,
        rows=len(delivery.bars),
        path=str(path or ""),
        bytes_written=bytes_written,
        kept_aside=kept_aside,
    )


def _keep_damaged_aside(data_folder: Path, path: PurePosixPath, *, by_move: bool) -> str:
    """Give a damaged file a second name, or move it; where it is kept, empty when it is whole."""
    target = data_folder / path
    if not os.path.lexists(target):
        return ""
    try:
        zips.check(target)
    except DamagedFileError:
        stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
        kept = PurePosixPath(FOLDER, "quarantine", f"{path}.{stamp}")
        (data_folder / kept).parent.mkdir(parents=True, exist_ok=True)
        if by_move or target.is_dir():
            target.replace(data_folder / kept)
        else:
            _second_name(target, data_folder / kept)
        return str(kept)
    return ""


def _second_name(target: Path, kept: Path) -> None:
    try:
        kept.hardlink_to(target)
    except OSError:  # a file system without hard links
        shutil.copy2(target, kept)


def _replace(target: Path, data: bytes) -> None:
    """Put `data` under the name `target`, so that there is never half a file under it.

    The temporary name starts with a dot and does not end in ``.zip``: LEAN does not see it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
