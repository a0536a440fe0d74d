"""Why sessions could not be given, a sentence for each file, and one error for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from leanfeed.errors import ContractError, SourceError, UnavailableError
from leanfeed.wording import counted
from leanfeed_flatfiles.downloads import Absence, Unavailable

__all__ = ["NoFileError", "NotIncludedError", "NotPublishedError", "absent", "faulty", "summary"]

#: Names in one sentence.
_MOST = 4


class NotPublishedError(UnavailableError):
    """The provider will publish the file, and has not yet."""

    summary = "the file of that day is not published yet"


class NoFileError(SourceError):
    """The provider has no file of that day."""

    summary = "the provider has no file of that day"


class NotIncludedError(SourceError):
    """The file is there, and the plan of the keys does not include it."""

    summary = "the plan of the keys does not include the file of that day"


_KINDS = {
    Absence.PENDING: NotPublishedError,
    Absence.MISSING: NoFileError,
    Absence.FORBIDDEN: NotIncludedError,
    Absence.FAILED: UnavailableError,
}


def absent(unavailable: Unavailable) -> SourceError:
    """There is no file of a date."""
    return _KINDS[unavailable.kind](unavailable.reason)


def faulty(name: str, faults: Sequence[tuple[str, str]]) -> ContractError:
    """Some tickers of a file cannot be used; each comes with what is wrong."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for ticker, words in faults:
        # What is wrong with which bar differs in the bar.
        kinds.setdefault(words.rpartition("Z ")[2], []).append((ticker, words))
    told = [_not_used(kind) for kind in kinds.values()]
    return ContractError(f"{name}: {'; '.join(told)}. Tell the provider if it stays.")


def _not_used(faults: Sequence[tuple[str, str]]) -> str:
    tickers = ", ".join(ticker for ticker, _ in faults[:_MOST])
    more = f" and {len(faults) - _MOST} more" if len(faults) > _MOST else ""
    return f"{tickers}{more} not used: {faults[0][1]}"


def summary(failures: Sequence[SourceError]) -> SourceError:
    """One error for all: of their class if they share it. It tells the first of each kind."""
    by_kind: dict[type[SourceError], list[SourceError]] = {}
    for failure in failures:
        by_kind.setdefault(type(failure), []).append(failure)
    told = []
    for first, *others in by_kind.values():
        told.append(str(first))
        if others:
            told.append(f"So it is with {counted(len(others), 'more file')}.")
    kind = next(iter(by_kind)) if len(by_kind) == 1 else SourceError
    return kind(" ".join(told))
