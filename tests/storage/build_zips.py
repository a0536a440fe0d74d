"""Small builders for the tests of the writer."""

from __future__ import annotations

import zipfile
from pathlib import Path

from leanfeed import Bars, Delivery, Written
from leanfeed.default_plugins.safe_files import Durability
from leanfeed.default_plugins.zip_writer import ZipWriter
from leanfeed.lean.zips import zip_bytes
from tests import build

SESSIONS = build.sessions("2024-01-02", "2024-01-31")
MINUTE = "equity/usa/minute/spy/20240102_trade.zip"
DAILY = "equity/usa/daily/spy.zip"
HOUR = "equity/usa/hour/spy.zip"


def delivery(
    number: int = 0, resolution: str = "minute", *, count: int = 5, price: float = 100.0
) -> Delivery:
    """Bars of one session of January 2024; none when `count` is 0."""
    session = SESSIONS[number]
    bars = build.bars(session, resolution, count=count, price=price) if count else Bars.empty()
    return Delivery(build.series(resolution=resolution), session, bars, "r-1", "memory")


def write(folder: Path, *deliveries: Delivery, durability: str = "full") -> list[Written]:
    return list(ZipWriter(durability=Durability(durability)).write(deliveries, folder))


def rows(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        (name,) = archive.namelist()
        return archive.read(name).decode().split("\n")


def put(path: Path, name: str, *lines: str) -> bytes:
    """A zip with these lines; returns its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = zip_bytes(name, "\n".join(lines).encode())
    path.write_bytes(data)
    return data


def files(folder: Path) -> dict[str, bytes]:
    """Everything but what is leanfeed's own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".leanfeed" not in path.parts
    }


def temporaries(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*.tmp")]


def quarantined(folder: Path) -> list[bytes]:
    kept = folder / ".leanfeed/quarantine"
    return [path.read_bytes() for path in sorted(kept.rglob("*")) if path.is_file()]
