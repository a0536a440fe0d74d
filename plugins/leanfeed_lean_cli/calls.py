"""The Lean CLI's own command line: which version it is, and one download after the other."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from attrs import frozen

from leanfeed.errors import UnavailableError
from leanfeed.lean.paths import series_folder
from leanfeed.secret import Secret
from leanfeed.values import Series
from leanfeed_lean_cli.box import Box, opened
from leanfeed_lean_cli.engine import remove_containers
from leanfeed_lean_cli.jobs import Job
from leanfeed_lean_cli.outcomes import Problem, ended_early, finished, problem
from leanfeed_lean_cli.output import Output, cleaning
from leanfeed_lean_cli.program import run

__all__ = ["INSTALL", "Call", "LeanCli", "located"]

INSTALL = "Install it with `pip install lean`, or name it in the setting `command`."

_VERSION = re.compile(r"lean (\d{1,6})\.(\d{1,6})\.(\d{1,6})")
#: Older ones take other options, and pass over those they do not know.
_OLDEST = (1, 0, 194)
#: Seconds; it takes one, and six when it cannot refresh its list of providers.
_VERSION_DEADLINE = 60.0
#: Seconds that it has to remove its container.
_GRACE = 15.0
#: In winter midnight UTC, where a window begins and ends, is 19:00 in New York: one day more has
#: all of the last one, and the day named as the end is never downloaded.
_END_AFTER_LAST = dt.timedelta(days=2)

#: Set by `lean ui` in what it starts: the Lean CLI then waits a minute for its container to end.
_UNDER_LEAN_UI = "LEAN_UI_COMMAND"


def located(command: str) -> str | None:
    """The absolute path of a program, by its path or from ``PATH``; None when there is none."""
    found = shutil.which(os.path.expanduser(command))  # noqa: PTH111  a bare name is no path
    return str(Path(found).absolute()) if found else None


@frozen
class Call:
    """A download that has ended, while its box is still open; the key is in it no more."""

    box: Box
    job: Job
    lines: Sequence[str]
    problem: Problem | None

    @property
    def finished(self) -> int:
        """How many tickers of the job it was done with."""
        return finished(self.lines, self.job.tickers)


@frozen
class LeanCli:
    """An installed Lean CLI, and all that a download tells it."""

    path: str
    key: Secret
    license_type: str
    organization: str
    #: Empty: the one that the Lean CLI is configured for.
    image: str
    #: Seconds for one download.
    timeout: float
    data_folder: Path | None
    #: Where boxes are made; None: the system's folder for temporary files.
    parent: Path | None
    #: Hears the lines that it says, cleaned.
    tell: Callable[[str], None]

    def version(self, *, deadline: float = _VERSION_DEADLINE) -> str:
        """Which version it is, such as ``1.0.230``. Takes about a second.

        Raises:
            SourceError: it is another program, too old, or cannot run.
        """
        with opened(self.parent, self.tell) as box:
            output = Output(cleaning(self.key), lambda line: None)
            ending = run(
                [self.path, "--version"],
                folder=box.folder,
                environment=self._environment(box),
                deadline=deadline,
                grace=0,
                output=output,
            )
        lines = output.lines
        match = next(filter(None, map(_VERSION.match, lines)), None)
        if match is None:
            if found := problem(ending, lines, deadline=deadline, has_container=False):
                raise found.error
            said = f"It says {lines[0][:80]!r}" if lines else "It says nothing"
            raise UnavailableError(f"{self.path} is not QuantConnect's Lean CLI. {said}. {INSTALL}")
        if tuple(map(int, match.groups())) < _OLDEST:
            oldest = ".".join(map(str, _OLDEST))
            raise UnavailableError(
                f"{self.path} is version {match[0].removeprefix('lean ')} of the Lean CLI, which "
                f"cannot do this: bring it to {oldest} or newer with `pip install -U lean`."
            )
        return match[0].removeprefix("lean ")

    @contextlib.contextmanager
    def download(self, job: Job) -> Iterator[Call]:
        """Do a job; what was staged stands as long as the ``with`` block lasts.

        Raises:
            UnavailableError: the system refuses to start the program or to make its folders.
        """
        with opened(self.parent, self.tell) as box:
            self._furnish(box, job)
            output = Output(cleaning(self.key), self.tell)
            ending = None
            may_be_left = True
            try:
                ending = run(
                    [self.path, *self._arguments(job, box)],
                    folder=box.folder,
                    environment=self._environment(box),
                    deadline=self.timeout,
                    grace=_GRACE,
                    output=output,
                )
            finally:
                with contextlib.suppress(OSError):  # it is tried again when the box is removed
                    box.forget_secrets()
                if ending is None or ended_early(ending, output.lines):
                    may_be_left = not remove_containers(box.staging)
            lines = output.lines
            found = problem(ending, lines, deadline=self.timeout, has_container=may_be_left)
            yield Call(box, job, lines, found)

    def _arguments(self, job: Job, box: Box) -> list[str]:
        """Every value said, so that it never asks; the key stands in ``lean.json`` only."""
        return [
            *("data", "download"),
            *("--data-provider-historical", "Polygon"),
            *("--data-type", "Trade"),
            *("--resolution", job.resolution.capitalize()),
            *("--security-type", "Equity"),
            *("--market", "USA"),
            *("--ticker", ",".join(job.tickers)),
            *("--start", f"{job.first:%Y%m%d}"),
            *("--end", f"{job.last + _END_AFTER_LAST:%Y%m%d}"),
            *("--polygon-license-type", self.license_type),
            *(("--image", self.image) if self.image else ()),
            "--no-update",
            *("--lean-config", str(box.lean_json)),
        ]

    def _furnish(self, box: Box, job: Job) -> None:
        settings: dict[str, str | Secret] = {
            "job-organization-id": self.organization,
            "organization-id": self.organization,
            "polygon-api-key": self.key,
            "polygon-license-type": self.license_type,
            # LEAN's own page size is 5,000: ten times as many requests.
            "polygon-aggregate-response-limit": "50000",
        }
        try:
            box.furnish(settings, data_folder=self.data_folder)
            box.make_room(
                series_folder(Series(gap.series.symbol, job.resolution)) for gap in job.gaps
            )
        except OSError as error:
            raise UnavailableError(
                f"{box.folder} cannot be filled ({error.strerror}): make room there, or name "
                "another place in the setting `staging_folder`."
            ) from None

    def _environment(self, box: Box) -> dict[str, str]:
        """The user's environment, but for the key and for what makes it slow to end."""
        key = self.key.reveal()
        inherited = {k: v for k, v in os.environ.items() if not key or key not in v}
        inherited.pop(_UNDER_LEAN_UI, None)
        temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(box.temporary))
        # It wraps lines at 80 columns otherwise, in a pipe too.
        return {**inherited, **temporary, "COLUMNS": "10000", "NO_COLOR": "1"}
