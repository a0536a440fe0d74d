"""Contestants side by side: compared first, then timed in turns."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define, frozen

from benchmarks.field import Contestant, Measured, Stable
from benchmarks.jobs import Work
from benchmarks.provider import Counts, Provider
from benchmarks.same import check_same

__all__ = ["Lap", "Race"]


@frozen
class Lap:
    """One timed run."""

    contestant: str
    measured: Measured
    counts: Counts

    def to_dict(self) -> dict[str, Any]:
        """The lap as plain JSON values."""
        return {
            "wall": round(self.measured.wall, 4),
            "cpu": round(self.measured.cpu, 3),
            "peak_mb": round(self.measured.peak_mb, 1),
            "process": round(self.measured.process, 3),
            "again": [round(seconds, 5) for seconds in self.measured.again],
            "requests": self.counts.requests,
            "bytes": self.counts.bytes,
            "server_cpu": round(self.counts.cpu, 3),
        }


@define
class Race:
    """Runs contestants at one provider, with data folders below `folder` that are gone afterwards.

    Nobody is timed at a job before its files were found equal to everybody else's, and the files of
    each timed run are compared again, outside its time.
    """

    provider: Provider
    stable: Stable
    folder: Path
    #: Told what goes on.
    say: Callable[[str], object]

    @contextmanager
    def compared(self, work: Work, contestants: Sequence[Contestant]) -> Iterator[Path]:
        """Everybody does the job once, untimed; what they have in common, in a data folder.

        The pages that they ask for are prepared by this.

        Raises:
            DifferentFilesError: they have not.
        """
        self.say(f"{work.title}: comparing files")
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            first = Path(place, contestants[0].name)
            self.provider.begin()
            for contestant in contestants:
                own = Path(place, contestant.name)
                self.stable.run(contestant, work, url=self.provider.url, folder=own)
                check_same(first, own, count=work.files)
                if own != first:
                    shutil.rmtree(own)
            yield first

    def laps(
        self,
        work: Work,
        contestants: Sequence[Contestant],
        *,
        reference: Path,
        repeats: int,
        latency: float = 0.0,
        again: int = 0,
        is_cold: bool = False,
    ) -> dict[str, list[Lap]]:
        """Time everybody `repeats` times, in turns and from another one each time.

        Args:
            work: the job.
            contestants: who takes part; :meth:`compared` knows them.
            reference: what :meth:`compared` gave.
            repeats: laps of each.
            latency: of the server, in seconds.
            again: how often leanfeed does the same again in each lap.
            is_cold: see :meth:`~benchmarks.field.Stable.run`.
        """
        laps: dict[str, list[Lap]] = {contestant.name: [] for contestant in contestants}
        for number in range(repeats):
            for contestant in _rotated(contestants, number):
                repeat = again if contestant.is_leanfeed else 0
                laps[contestant.name].append(
                    self._lap(
                        contestant,
                        work,
                        reference=reference,
                        latency=latency,
                        again=repeat,
                        is_cold=is_cold,
                    )
                )
        return laps

    def _lap(
        self,
        contestant: Contestant,
        work: Work,
        *,
        reference: Path,
        latency: float,
        again: int,
        is_cold: bool,
    ) -> Lap:
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            own = Path(place, contestant.name)
            measured = self.stable.run(
                contestant,
                work,
                url=self.provider.url,
                folder=own,
                at_start=lambda: self.provider.begin(latency),
                again=again,
                is_cold=is_cold,
            )
            counts = self.provider.counts()
            if counts.made:
                raise RuntimeError(f"{contestant.name} had to wait for pages that were not ready.")
            check_same(reference, own, count=work.files)
        self.say(f"{work.title}, {latency * 1000:.0f} ms: {contestant.name} {measured.wall:.2f} s")
        return Lap(contestant.name, measured, counts)


def _rotated(contestants: Sequence[Contestant], number: int) -> Iterable[Contestant]:
    start = number % len(contestants)
    return (*contestants[start:], *contestants[:start])
