"""How many bytes a plan will put on disk, before anybody knows the bars."""

from __future__ import annotations

from pathlib import Path

from leanfeed.lean.paths import zip_path
from leanfeed.plans import Plan, SeriesPlan
from leanfeed.values import Resolution

__all__ = ["expected_bytes"]

#: What a session takes in LEAN's sample data of US equities, on average and zipped.
_USUAL = {
    Resolution.SECOND: 136_000.0,
    Resolution.MINUTE: 7_100.0,
    Resolution.HOUR: 106.0,
    Resolution.DAILY: 17.0,
}
#: The same of a chain with some thousand contracts, of which nearly all is their names.
_USUAL_CHAIN = {
    Resolution.SECOND: 900_000.0,
    Resolution.MINUTE: 450_000.0,
    Resolution.HOUR: 60_000.0,
    Resolution.DAILY: 30_000.0,
}
#: How many of the files that are there are looked at for a series.
_SAMPLES = 8


def expected_bytes(plan: Plan) -> int:
    """About how many bytes the sessions to be fetched will take.

    Files of the same series tell best; where there are none, LEAN's samples do.
    """
    return round(sum(len(s.wanted) * _of_one(s, plan.data_folder) for s in plan.series))


def _of_one(planned: SeriesPlan, data_folder: Path) -> float:
    """About how many bytes one session of the series takes."""
    series, resolution, present = planned.series, planned.series.resolution, planned.present
    usual = (_USUAL_CHAIN if series.is_chain else _USUAL)[resolution]
    if not planned.wanted or not present:
        return usual
    if not resolution.is_file_per_session:
        files = {data_folder / zip_path(series, session.date) for session in present}
        return sum(map(_size, files)) / len(present) or usual
    step = -(-len(present) // _SAMPLES)
    paths = [data_folder / zip_path(planned.series, s.date) for s in present[::step]]
    sizes = [size for size in map(_size, paths) if size]
    return sum(sizes) / len(sizes) if sizes else usual


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
