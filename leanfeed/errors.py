"""The error tree, sorted by what happens next.

    LeanfeedError
    ├── ConfigurationError        stop before any I/O
    │   └── InvalidRequestError      the question itself is wrong: symbol, resolution, dates
    ├── SourceError               go on to the next source; kept in the report
    │   ├── AuthenticationError      key missing or refused
    │   ├── RateLimitedError         the budget or the deadline is spent
    │   ├── UnavailableError         network, 5xx, timeouts, after the source's own retries
    │   └── ContractError            the answer breaks the contract
    ├── NoDataError               the data folder has nothing of what was to be loaded
    ├── DamagedFileError          a file is not what LEAN would read
    ├── WriteError                stop: the disk refused; nothing on disk is worse than before
    ├── CancelledError            the caller stopped the run; what was written stays
    └── IncompleteError           from Report.raise_for_missing() only

Messages are one sentence of what happened and one of what to do. They never hold a secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leanfeed.backtest import FillReport
    from leanfeed.report import Report

__all__ = [
    "AuthenticationError",
    "CancelledError",
    "ConfigurationError",
    "ContractError",
    "DamagedFileError",
    "IncompleteError",
    "InvalidRequestError",
    "LeanfeedError",
    "NoDataError",
    "RateLimitedError",
    "SourceError",
    "UnavailableError",
    "WriteError",
]


class LeanfeedError(Exception):
    """Everything that leanfeed raises on purpose."""


class ConfigurationError(LeanfeedError):
    """The settings cannot work: raised before any request is sent or any file is written."""


class InvalidRequestError(ConfigurationError, ValueError):
    """The question is wrong: an unknown resolution, dates in the wrong order, a bad symbol."""


class SourceError(LeanfeedError):
    """A source could not answer: the chain goes on to the next one and the report keeps this."""

    #: Why sessions are missing, in a few words; the message has the whole story.
    summary = "it gave up"


class AuthenticationError(SourceError):
    """The provider wants a key that is missing, or refuses the one it was given."""

    summary = "the key is missing or refused"


class RateLimitedError(SourceError):
    """The provider's quota or leanfeed's own deadline is spent."""

    summary = "the rate limit or the time limit is spent"


class UnavailableError(SourceError):
    """The provider cannot be reached, or fails, after the source's own retries."""

    summary = "it cannot be reached, or fails"


class ContractError(SourceError):
    """The answer cannot be trusted: nothing of it is written."""

    summary = "its answer cannot be trusted"


class NoDataError(LeanfeedError, LookupError):
    """The data folder has no bars of what was to be loaded. The message says how to fetch them."""


class DamagedFileError(LeanfeedError):
    """A file in the data folder cannot be read as LEAN data. The message names it."""


class WriteError(LeanfeedError):
    """The disk refused. What was written before stays; nothing is worse than before."""


class CancelledError(LeanfeedError):
    """The run was stopped by its caller. What was written before stays."""

    def __init__(self, message: str, *, report: Report | FillReport | None = None) -> None:
        super().__init__(message)
        #: What had happened until then; None where nothing can be told.
        self.report = report


class IncompleteError(LeanfeedError):
    """Sessions are still missing: raised by :meth:`leanfeed.Report.raise_for_missing` only."""
