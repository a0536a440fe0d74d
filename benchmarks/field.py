"""Who takes part, and how one of them is run once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

from attrs import field, frozen

from benchmarks.contestants.job import Job
from benchmarks.jobs import WARM_UP, Work
from benchmarks.provider import ROOT

__all__ = ["FAST", "FIELD", "FULL", "OFFICIAL", "PANDAS", "Contestant", "Measured", "Stable"]


@frozen
class Contestant:
    """A way to get bars into a data folder."""

    name: str
    #: Below ``benchmarks.contestants``.
    module: str
    title: str
    options: Mapping[str, Any] = field(factory=dict, eq=False)

    @property
    def is_leanfeed(self) -> bool:
        """It runs where leanfeed is installed; the others have an environment of their own."""
        return self.module.startswith("with_leanfeed")


FULL = Contestant("leanfeed", "with_leanfeed", "leanfeed")
FAST = Contestant(
    "leanfeed-fast", "with_leanfeed", 'leanfeed, `durability = "fast"`', {"durability": "fast"}
)
OFFICIAL = Contestant("official", "official", "official client, limit 50,000", {"limit": 50_000})
PANDAS = Contestant("pandas", "requests_pandas", "requests + pandas")
FIELD = (
    FULL,
    FAST,
    Contestant(
        "leanfeed-python", "with_leanfeed", "leanfeed without its kernel", {"kernel": "off"}
    ),
    OFFICIAL,
    Contestant("official-default", "official", "official client, its default limit"),
    PANDAS,
    Contestant("lean-pattern", "lean_pattern", "LEAN's downloader pattern"),
)


@frozen
class Measured:
    """One run of one contestant."""

    #: Seconds from the call to its return.
    wall: float
    #: The processor's seconds of the process meanwhile.
    cpu: float
    #: The most memory that was resident, in 10**6 bytes, the interpreter's included.
    peak_mb: float
    #: Seconds of the whole process, from its start to its end.
    process: float
    #: Seconds of the same call again, on a folder that has everything.
    again: tuple[float, ...] = ()


@frozen
class Stable:
    """Where contestants run."""

    #: The Python that has the competitors' libraries.
    competitors: str
    #: For whatever a process wants to keep; nothing of the user's is read or written.
    home: Path

    def run(
        self,
        contestant: Contestant,
        work: Work,
        *,
        url: str,
        folder: Path,
        at_start: Callable[[], object] = lambda: None,
        again: int = 0,
        is_cold: bool = False,
    ) -> Measured:
        """Run `work` once into the empty `folder`.

        Args:
            contestant: who.
            work: what.
            url: of the server.
            folder: the data folder.
            at_start: called when the process has warmed up, just before its clock starts.
            again: how often the job is repeated afterwards.
            is_cold: without a warm-up, so that imports belong to what is measured.

        Raises:
            RuntimeError: the contestant failed; its own words are on standard error.
        """
        with tempfile.TemporaryDirectory(dir=self.home) as place:
            # A new folder: who finds a session there would fetch nothing, and so import nothing.
            warm_up = "" if is_cold else _job(WARM_UP[work.timespan], url, Path(place, "data"))
            return self._timed(
                contestant,
                warm_up,
                _job(work, url, folder),
                title=work.title,
                at_start=at_start,
                again=again,
            )

    def _timed(
        self,
        contestant: Contestant,
        warm_up: str,
        job: str,
        *,
        title: str,
        at_start: Callable[[], object],
        again: int,
    ) -> Measured:
        python = sys.executable if contestant.is_leanfeed else self.competitors
        options = json.dumps(dict(contestant.options))
        started = perf_counter()
        with subprocess.Popen(
            [python, "-m", "benchmarks.worker", contestant.module, options, str(again)],
            cwd=self.home,  # no configuration is found from there upward
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin
            assert process.stdout
            process.stdin.write(warm_up + "\n")
            process.stdin.flush()
            told = process.stdout.readline()
            if told:  # else it has ended
                at_start()
                process.stdin.write(job + "\n")
                process.stdin.flush()
                told = process.stdout.readline()
        seconds = perf_counter() - started
        if process.returncode or not told:
            raise RuntimeError(f"{contestant.name} failed at {title}: see its message above.")
        facts = json.loads(told)
        return Measured(process=seconds, **{**facts, "again": tuple(facts["again"])})

    def _environment(self) -> dict[str, str]:
        """The user's, without what would configure leanfeed or send it through a proxy."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("LEANFEED_", "POLYGON_", "USE_POLYGON_"))
            and not name.lower().endswith("_proxy")
        }
        own = {"HOME": str(self.home), "XDG_CACHE_HOME": str(self.home), "PYTHONPATH": str(ROOT)}
        return {**kept, **own}


def _job(work: Work, url: str, folder: Path) -> str:
    return Job(url, work.tickers, work.timespan, work.start, work.end, str(folder)).to_json()
