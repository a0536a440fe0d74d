"""The files of a data folder: which are zips of bars, by symbol, and what else lies there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from attrs import Factory, define

from leanfeed.audits.scope import Scope
from leanfeed.ledger import FOLDER
from leanfeed.soundness.findings import AuditFinding
from leanfeed.soundness.kinds import Kind
from leanfeed.values import SecurityType
from leanfeed.wording import size

__all__ = ["Folder", "is_zip"]

_SECURITY_TYPES = frozenset(SecurityType)
_FOLDER_PER_SYMBOL = frozenset({"tick", "second", "minute"})
_RESOLUTIONS = _FOLDER_PER_SYMBOL | {"hour", "daily"}
#: LEAN's folders without bars: those beside the security types, and those beside the resolutions.
_BESIDE_TYPES = frozenset({"alternative", "market-hours", "symbol-properties"})
_BESIDE_RESOLUTIONS = frozenset(
    {
        "factor_files",
        "fundamental",
        "map_files",
        "margin_interest",
        "margins",
        "shortable",
        "universes",
    }
)
_README = "readme.md"

#: Security type, market and ticker, as folders and files spell them.
_Key = tuple[str, str, str]


@define
class Folder:
    """A walk through a data folder. It stays outside LEAN's folders that hold no bars."""

    root: Path
    _scope: Scope
    #: What was found beside zips of bars, as far as the walk has gone.
    findings: list[AuditFinding] = Factory(list)
    _visited: set[tuple[int, int]] = Factory(set)

    def symbols(self) -> list[list[PurePosixPath]]:
        """For each symbol its zips and the folders of its zips, in the order of their names."""
        places: dict[_Key, list[PurePosixPath]] = {}
        for entry, path in self._entries(PurePosixPath()):
            if entry.name in _SECURITY_TYPES and entry.is_dir():
                self._markets(path, places)
            elif entry.name == FOLDER and entry.is_dir(follow_symlinks=False):
                self._own(path)
            elif entry.name not in _BESIDE_TYPES and entry.name.lower() != _README:
                self._stranger(entry, path, expected=_SECURITY_TYPES | _BESIDE_TYPES)
        return [places[key] for key in sorted(places)]

    def zips(self, place: PurePosixPath) -> Iterator[PurePosixPath]:
        """The zips of a place, which :meth:`symbols` gave, in the order of their names."""
        if is_zip(place):
            yield place
            return
        for entry, path in self._entries(place):
            if is_zip(path):
                if self._is_lower_case(path):
                    yield path
            elif place.parts[0] == SecurityType.FUTURE_OPTION and entry.is_dir():
                yield from self.zips(path)
            else:
                self._stranger(entry, path)

    def _markets(self, folder: PurePosixPath, places: dict[_Key, list[PurePosixPath]]) -> None:
        for market, market_path in self._entries(folder):
            if not market.is_dir():
                if market.name.lower() != _README:
                    self._stranger(market, market_path)
                continue
            if not self._is_lower_case(market_path):
                continue
            for entry, path in self._entries(market_path):
                if entry.name in _RESOLUTIONS and entry.is_dir():
                    if self._scope.has_resolution(entry.name):
                        self._resolution(path, places)
                elif entry.name not in _BESIDE_RESOLUTIONS and entry.name.lower() != _README:
                    self._stranger(entry, path, expected=_RESOLUTIONS | _BESIDE_RESOLUTIONS)

    def _resolution(self, folder: PurePosixPath, places: dict[_Key, list[PurePosixPath]]) -> None:
        """The zips of an hour or daily folder, or the folders with those of a symbol."""
        security_type, market, resolution = folder.parts
        has_folders = resolution in _FOLDER_PER_SYMBOL
        for entry, path in self._entries(folder):
            is_place = entry.is_dir() if has_folders else is_zip(path)
            if not is_place and security_type == SecurityType.FUTURE_OPTION:
                is_place = entry.is_dir()
            if not is_place:
                self._stranger(entry, path)
            elif self._is_lower_case(path):
                ticker = entry.name if has_folders else path.stem.partition("_")[0]
                key = (security_type, market, ticker.removeprefix("@"))
                if self._scope.has_symbol(*key):
                    places.setdefault(key, []).append(path)

    def _entries(self, folder: PurePosixPath) -> Iterator[tuple[os.DirEntry[str], PurePosixPath]]:
        """What lies in a folder, by name; each folder once, however many links lead to it."""
        where = self.root / folder
        try:
            found = where.stat()
            if (found.st_dev, found.st_ino) in self._visited:
                return
            self._visited.add((found.st_dev, found.st_ino))
            with os.scandir(where) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            self._found(Kind.REFUSED, folder, error.strerror or type(error).__name__)
            return
        for entry in entries:
            path = folder / entry.name
            if entry.is_symlink() and not self._leads_inside(entry):
                self._found(Kind.OUTSIDE_LINK, path, f"it leads to {os.path.realpath(entry)!r}")
            yield entry, path

    def _leads_inside(self, entry: os.DirEntry[str]) -> bool:
        return Path(os.path.realpath(entry)).is_relative_to(os.path.realpath(self.root))

    def _own(self, folder: PurePosixPath) -> None:
        """What leanfeed keeps for itself: files that it replaced, and those of killed runs."""
        for entry, path in self._entries(folder):
            if entry.name == "quarantine" and entry.is_dir(follow_symlinks=False):
                for kept, kept_path in self._files(path):
                    about = size(kept.stat(follow_symlinks=False).st_size)
                    self._found(Kind.QUARANTINE, kept_path, about)
            elif _is_temporary(entry.name):
                self._stranger(entry, path)

    def _files(self, folder: PurePosixPath) -> Iterator[tuple[os.DirEntry[str], PurePosixPath]]:
        """What is no folder, all the way down."""
        for entry, path in self._entries(folder):
            if entry.is_dir(follow_symlinks=False):
                yield from self._files(path)
            else:
                yield entry, path

    def _stranger(
        self,
        entry: os.DirEntry[str],
        path: PurePosixPath,
        *,
        expected: frozenset[str] = frozenset(),
    ) -> None:
        if _is_temporary(entry.name):
            self._found(Kind.LEFTOVER, path, "a temporary file")
        elif entry.name.lower() in expected and entry.name != entry.name.lower():
            self._found(Kind.WRONG_CASE, path, f"LEAN looks for {entry.name.lower()!r}")
        elif entry.is_dir():
            self._found(Kind.FOREIGN, path, "a folder; nothing below it was looked at")
        else:
            self._found(Kind.FOREIGN, path, "a file")

    def _is_lower_case(self, path: PurePosixPath) -> bool:
        if path.name == path.name.lower():
            return True
        self._found(Kind.WRONG_CASE, path, f"LEAN looks for {path.name.lower()!r}")
        return False

    def _found(self, kind: Kind, path: PurePosixPath, text: str) -> None:
        self.findings.append(AuditFinding(kind, str(path), text))


def is_zip(path: PurePosixPath) -> bool:
    """Whether the name says that it is a zip for LEAN; it may be anything."""
    return path.suffix.lower() == ".zip" and not path.name.startswith(".")


def _is_temporary(name: str) -> bool:
    return name.startswith(".") and name.endswith(".tmp")
