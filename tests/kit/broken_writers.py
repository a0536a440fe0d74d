"""A writer that keeps every rule, and for each rule one that breaks it and no other."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
from attrs import define, evolve, field

from leanfeed import Bars, Delivery, Series, WriteError, Written
from leanfeed.default_plugins.safe_files import Durability
from leanfeed.default_plugins.zip_writer import ZipWriter
from leanfeed.lean import format_bars, read_series
from leanfeed.lean.paths import entry_name, zip_path
from leanfeed.lean.zips import zip_bytes
from leanfeed.testing import WriterConformance


@define
class Honest:
    """The default writer."""

    seen: set[Series] = field(factory=set)

    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        return ZipWriter(durability=Durability.FAST).write(deliveries, data_folder)


class KeptWriter(WriterConformance):
    """The questions of the gallery."""

    kind: ClassVar[type[Honest]] = Honest
    examples = 12

    def writer(self) -> Honest:
        return self.kind()


def is_own_file(delivery: Delivery) -> bool:
    return delivery.series.resolution.is_file_per_session


class RoundsPrices(Honest):
    """Six decimals ought to be enough."""

    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        def rounded(delivery: Delivery) -> Delivery:
            bars = delivery.bars
            if not isinstance(bars, Bars):
                return delivery
            time, *prices, volume = bars.columns
            return evolve(delivery, bars=Bars(time, *(np.round(p, 6) for p in prices), volume))

        return super().write(map(rounded, deliveries), data_folder)


class ForgetsTheSource(Honest):
    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        for written in super().write(deliveries, data_folder):
            yield evolve(written, source="")


class DatesItsZips(Honest):
    """The bytes of a zip are others each time."""

    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        for written in super().write(deliveries, data_folder):
            yield written
            path = data_folder / written.path
            if written.rows and path.exists():
                with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(path, "a") as archive:
                    archive.comment = (archive.comment + b"!")[:100]


class TakesASeriesOnce(Honest):
    """It takes a series for written when it has seen it."""

    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        new = [delivery for delivery in deliveries if delivery.series not in self.seen]
        self.seen |= {delivery.series for delivery in new}
        return super().write(new, data_folder)


class KeepsThreeSessions(Honest):
    """Of an hour or daily file it keeps the last sessions only."""

    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        deliveries = list(deliveries)
        yield from super().write(deliveries, data_folder)
        for series in {d.series for d in deliveries if not is_own_file(d)}:
            path = data_folder / zip_path(series)
            if not path.exists():
                continue
            with zipfile.ZipFile(path) as archive:
                rows = archive.read(entry_name(series)).decode().split("\n")
            days = sorted({row[:8] for row in rows})
            if len(days) == 6 and len({d.session for d in deliveries}) == 1:
                kept = "\n".join(row for row in rows if row[:8] in days[-3:])
                path.write_bytes(zip_bytes(entry_name(series), kept.encode()))


class KeepsOldBars(Honest):
    """Old bars of a session stay where no new one stands."""

    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        def joined(delivery: Delivery) -> Delivery:
            if not is_own_file(delivery) or not isinstance(delivery.bars, Bars):
                return delivery
            with contextlib.suppress(Exception):
                old = read_series(data_folder, delivery.series).between(*delivery.session.day)
                assert isinstance(old, Bars)
                lost = old.rows(~np.isin(old.time, delivery.bars.time))
                both = Bars.concat([delivery.bars, lost])
                return evolve(delivery, bars=both.rows(np.argsort(both.time)))
            return delivery

        return super().write(map(joined, deliveries), data_folder)


class WritesEmptyFiles(Honest):
    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        for delivery in deliveries:
            yield from super().write([delivery], data_folder)
            path = data_folder / zip_path(delivery.series, delivery.session.date)
            if not len(delivery.bars) and is_own_file(delivery) and not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                name = entry_name(delivery.series, delivery.session.date)
                path.write_bytes(zip_bytes(name, b""))


class EmptyRemovesBars(Honest):
    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        for delivery in deliveries:
            path = data_folder / zip_path(delivery.series, delivery.session.date)
            if not len(delivery.bars) and is_own_file(delivery):
                path.unlink(missing_ok=True)
            yield from super().write([delivery], data_folder)


class ConfirmsTooEarly(Honest):
    """It says yes, and writes when it is done with talking."""

    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        taken = []
        try:
            for delivery in deliveries:
                taken.append(delivery)
                if len(delivery.bars):
                    yield Written(
                        delivery.series,
                        delivery.session,
                        delivery.source,
                        delivery.request_id,
                        rows=len(delivery.bars),
                    )
        finally:
            confirmed = list(super().write(taken, data_folder))
        yield from (written for written in confirmed if not len(taken[0].bars))


class WritesInPlace(Honest):
    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        for delivery in deliveries:
            path = data_folder / zip_path(delivery.series, delivery.session.date)
            if not is_own_file(delivery) or not len(delivery.bars) or not data_folder.is_dir():
                yield from super().write([delivery], data_folder)
                continue
            series, session = delivery.series, delivery.session
            text = format_bars(delivery.bars, series, session.time_zone)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(zip_bytes(entry_name(series, session.date), text))
            rows = len(delivery.bars)
            yield Written(series, session, delivery.source, delivery.request_id, rows)


class RaisesOSError(Honest):
    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        try:
            yield from super().write(deliveries, data_folder)
        except WriteError as error:
            raise OSError(str(error)) from error


class SwallowsErrors(Honest):
    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        def quiet() -> Iterator[Delivery]:
            with contextlib.suppress(Exception):
                yield from deliveries

        return super().write(quiet(), data_folder)


class AvoidsDamage(Honest):
    """It does not touch a file that it cannot read."""

    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        for delivery in deliveries:
            path = data_folder / zip_path(delivery.series, delivery.session.date)
            if not path.exists() or zipfile.is_zipfile(path):
                yield from super().write([delivery], data_folder)


class EndsTheLastLine(Honest):
    """A line end after the last line."""

    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        for written in super().write(deliveries, data_folder):
            path = data_folder / written.path
            if written.rows:
                with zipfile.ZipFile(path) as archive:
                    (name,) = archive.namelist()
                    text = archive.read(name)
                other = path.with_name(f".{path.name}.tmp")
                other.write_bytes(zip_bytes(name, text.removesuffix(b"\n") + b"\n"))
                other.replace(path)
            yield written


#: The rule that each breaks.
BROKEN: Mapping[type[Honest], str] = {
    RoundsPrices: "w1",
    ForgetsTheSource: "w2",
    DatesItsZips: "w3",
    TakesASeriesOnce: "w4",
    KeepsThreeSessions: "w5",
    KeepsOldBars: "w6",
    WritesEmptyFiles: "w7",
    EmptyRemovesBars: "w8",
    ConfirmsTooEarly: "w9",
    WritesInPlace: "w10",
    RaisesOSError: "w11",
    SwallowsErrors: "w12",
    AvoidsDamage: "w13",
    EndsTheLastLine: "w14",
}


class TestHonest(KeptWriter):
    """Keeps every rule."""


for _kind in BROKEN:
    _name = f"Test{_kind.__name__}"
    globals()[_name] = type(_name, (KeptWriter,), {"kind": _kind, "__module__": __name__})
