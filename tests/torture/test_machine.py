"""Whatever happens to a folder in whatever order: one run mends it, the next one asks nothing."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import shutil
import tempfile
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import leanfeed
from leanfeed import LeanfeedError, Report, Series, Session
from leanfeed.lean import paths
from leanfeed.ledger import Ledger
from leanfeed.testing.dying import dies_at
from tests import build
from tests.storage.failing_calls import failing_calls
from tests.torture.folder import present, row_texts, temporaries
from tests.torture.form import IS_FULL
from tests.torture.plugin import Truthful

pytestmark = pytest.mark.slow

DAYS = build.sessions("2024-01-02", "2024-01-23")
RESOLUTIONS = ("minute", "hour", "daily")
POSITION = st.integers(0, len(DAYS) - 1)
WINDOW = st.tuples(POSITION, POSITION).map(sorted)
CHOSEN = st.sets(st.sampled_from(RESOLUTIONS), min_size=1).map(sorted)
NUMBER = st.integers(0, 10_000)
#: This process goes on, and so do locks that it cannot free and files that it cannot remove.
SPARED = frozenset({"flock", "unlink"})


class Folder(RuleBasedStateMachine):
    """A data folder, and which of its sessions must be there."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.folder, self.notes = self.root / "data", self.root / "notes"
        self.expected: set[tuple[Series, Session]] = set()
        self.damaged: dict[Path, bytes] = {}
        self.last: tuple[list[int], list[str]] = ([0, 0], ["daily"])
        self.stack = contextlib.ExitStack()

    @initialize()
    def begin(self) -> None:
        self.stack.enter_context(patch.object(os, "fsync", lambda descriptor: None))
        self.stack.enter_context(patch("leanfeed.default_plugins.merging._LONGEST_MERGE", 0.02))

    def teardown(self) -> None:
        self.stack.close()
        shutil.rmtree(self.root)

    def ask(self, window: list[int], resolutions: list[str], **more: object) -> Report:
        return leanfeed.ensure(
            "SPY",
            resolution=resolutions,
            start=DAYS[window[0]].date,
            end=DAYS[window[1]].date,
            data_folder=self.folder,
            sources=[Truthful(notes=str(self.notes))],
            **more,  # type: ignore[arg-type]
        )

    def pairs(self, window: list[int], resolutions: list[str]) -> set[tuple[Series, Session]]:
        days = DAYS[window[0] : window[1] + 1]
        return {(build.series(resolution=name), day) for name in resolutions for day in days}

    def asked(self) -> list[str]:
        lines = self.notes.read_text("utf-8").splitlines() if self.notes.exists() else []
        self.notes.unlink(missing_ok=True)
        return sorted(lines)

    @rule(window=WINDOW, resolutions=CHOSEN, verify=st.sampled_from(["quick", "checksum", "full"]))
    def ensure(self, window: list[int], resolutions: list[str], verify: str) -> None:
        wanted = self.pairs(window, resolutions)
        self.last = window, resolutions
        missing = sorted(f"{series} {day}" for series, day in wanted - self.expected)
        self.asked()
        assert self.ask(window, resolutions, verify=verify).complete
        assert self.asked() == missing
        assert self.ask(window, resolutions).complete
        assert self.asked() == []
        self.expected |= wanted
        assert temporaries(self.folder) == []

    @rule(before=st.integers(0, 3), after=st.integers(0, 3), resolutions=CHOSEN)
    def extend(self, before: int, after: int, resolutions: list[str]) -> None:
        """The last question again, with more days at its ends and more resolutions."""
        (first, last), known = self.last
        window = [max(0, first - before), min(len(DAYS) - 1, last + after)]
        self.ensure(window, sorted({*known, *resolutions}), "quick")

    @rule()
    def ask_again(self) -> None:
        """The last question again: what happened to its answer since is mended."""
        self.ensure(*self.last, "quick")

    @rule(window=WINDOW, resolutions=CHOSEN)
    def refresh(self, window: list[int], resolutions: list[str]) -> None:
        wanted = self.pairs(window, resolutions)
        self.asked()
        assert self.ask(window, resolutions, refresh="all", overwrite=True).complete
        assert self.asked() == sorted(f"{series} {day}" for series, day in wanted)
        self.expected |= wanted

    @rule(window=WINDOW, resolutions=CHOSEN, number=st.integers(1, 250), for_ever=st.booleans())
    def fail(
        self, window: list[int], resolutions: list[str], number: int, *, for_ever: bool
    ) -> None:
        """A file operation fails, and with `for_ever` all after it, as for a dead process."""
        error = random.Random(number).choice([errno.EIO, errno.ENOSPC, errno.EACCES])
        with (
            contextlib.suppress(LeanfeedError),
            failing_calls(
                self.folder, number=number, error=error, is_for_ever=for_ever, spared=SPARED
            ),
        ):
            self.ask(window, resolutions)
        there = self.there()
        assert self.expected <= there
        assert there <= self.expected | self.pairs(window, resolutions)
        self.expected = there

    @rule(window=WINDOW, resolutions=CHOSEN, number=st.integers(1, 60))
    def kill(self, window: list[int], resolutions: list[str], number: int) -> None:
        """The process is killed right before it changes a file."""
        dies_at(number, partial(self.ask, window, resolutions))
        there = self.there()
        assert self.expected <= there
        assert there <= self.expected | self.pairs(window, resolutions)
        self.expected = there

    def there(self) -> set[tuple[Series, Session]]:
        every = {build.series(resolution=name): DAYS for name in RESOLUTIONS}
        found = present(self.folder, every, but=self.damaged)
        return {
            (one, day) for one, days in every.items() for day in days if f"{one} {day}" in found
        }

    def files(self) -> list[tuple[Path, set[tuple[Series, Session]]]]:
        """The files that are there, with their sessions."""
        found: dict[Path, set[tuple[Series, Session]]] = {}
        for series, day in sorted(self.expected, key=str):
            path = self.folder / paths.zip_path(series, day.date)
            found.setdefault(path, set()).add((series, day))
        return list(found.items())

    @rule(number=NUMBER)
    def delete_file(self, number: int) -> None:
        if files := self.files():
            path, sessions = files[number % len(files)]
            path.unlink()
            self.expected -= sessions

    @rule(number=NUMBER, way=st.sampled_from(["cut", "empty", "noise", "html", "flip"]))
    def damage_file(self, number: int, way: str) -> None:
        if files := self.files():
            path, sessions = files[number % len(files)]
            data = path.read_bytes()
            middle = 30 + number % (len(data) - 60)
            match way:
                case "cut":
                    os.truncate(path, middle)
                case "empty":
                    os.truncate(path, 0)
                case "noise":
                    path.write_bytes(random.Random(number).randbytes(len(data)))
                case "html":
                    path.write_bytes(b"<html>Sign in</html>")
                case "flip":
                    path.write_bytes(
                        data[:40] + bytes([data[40] ^ 0xFF]) + data[41:-60] + b"\0" * 60
                    )
            self.damaged[path] = path.read_bytes()
            self.expected -= sessions

    @rule(number=NUMBER)
    def delete_row(self, number: int) -> None:
        """Somebody edits a shared file: the last row of an hour or daily zip goes."""
        shared = [one for one in self.files() if one[0].name == "spy.zip"]
        if shared:
            from leanfeed.lean.zips import zip_bytes

            path, sessions = shared[number % len(shared)]
            last = max(day.date for _, day in sessions)
            rows = [row for row in row_texts(path) if not row.startswith(f"{last:%Y%m%d}")]
            if rows:
                path.write_bytes(zip_bytes("spy.csv", "\n".join(rows).encode()))
            else:
                path.unlink()
            self.expected -= {pair for pair in sessions if pair[1].date == last}

    @rule(content=st.sampled_from([None, b"", b"nonsense", "cut"]))
    def spoil_ledger(self, content: bytes | str | None) -> None:
        ledger = Ledger(self.folder).path
        if not ledger.exists():
            return
        if content is None:
            ledger.unlink()
        elif isinstance(content, str):
            os.truncate(ledger, ledger.stat().st_size // 2)
        else:
            ledger.write_bytes(content)

    @rule()
    def move_folder(self) -> None:
        """The folder is copied elsewhere, without the times of its files."""
        if self.folder.exists():
            copy = self.root / "copy"
            shutil.copytree(self.folder, copy, copy_function=shutil.copyfile)
            shutil.rmtree(self.folder)
            copy.rename(self.folder)

    @invariant()
    def nothing_is_lost(self) -> None:
        for path, sessions in self.files():
            assert path.exists(), (path, sessions)


TestFolder = Folder.TestCase
TestFolder.settings = settings(
    max_examples=200 if IS_FULL else 25,
    stateful_step_count=30 if IS_FULL else 12,
    deadline=None,
    derandomize=not IS_FULL,
    suppress_health_check=list(HealthCheck),
)
