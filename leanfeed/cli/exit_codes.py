"""What the exit code of the command says.

==== ===============================================================================
code meaning
==== ===============================================================================
0    every session asked for is on disk, or known to have had no trading
1    something unexpected; the disk refused, or a file is damaged
2    the command line is wrong: an option, a symbol, a date or a resolution
3    some sessions are still missing
4    the configuration cannot work, or a provider refused the key
5    sessions are missing, and a provider's quota or a time limit is spent
6    an audit found damage, or another source says something else; or a repair could not mend
     what is damaged, for another reason than 4, 5 or 7
7    sessions are missing, nothing was written, and no source could be reached, or had them yet
10   there is something to fetch, and ``plan --detailed-exitcode`` was to say so
130  interrupted (143 by SIGTERM); what was written stays
==== ===============================================================================

Where several of 3, 4, 5 and 7 apply, the first of 4, 5, 7, 3 is it: what a person must mend comes
before what time mends. Only ``leanfeed audit`` and ``leanfeed repair`` end with 6.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

from leanfeed.errors import (
    AuthenticationError,
    ConfigurationError,
    InvalidRequestError,
    LeanfeedError,
    RateLimitedError,
    UnavailableError,
)

if TYPE_CHECKING:
    from leanfeed.report import Failure, Report

__all__ = ["ExitCode", "of_error", "of_failures", "of_report"]


class ExitCode(IntEnum):
    """The codes, by name."""

    COMPLETE = 0
    UNEXPECTED = 1
    USAGE = 2
    INCOMPLETE = 3
    CONFIGURATION = 4
    RATE_LIMITED = 5
    DAMAGED = 6
    UNAVAILABLE = 7
    WORK_TO_DO = 10
    INTERRUPTED = 130


def of_error(error: LeanfeedError) -> ExitCode:
    """The code for an error that ended the command."""
    match error:
        case InvalidRequestError():
            return ExitCode.USAGE
        case ConfigurationError() | AuthenticationError():
            return ExitCode.CONFIGURATION
        case RateLimitedError():
            return ExitCode.RATE_LIMITED
        case UnavailableError():
            return ExitCode.UNAVAILABLE
        case _:
            return ExitCode.UNEXPECTED


def of_report(report: Report) -> ExitCode:
    """The code for a run that came to its end."""
    if report.complete:
        return ExitCode.COMPLETE
    return of_failures(report.failures, is_useless=not report.written_sessions)


def of_failures(failures: Iterable[Failure], *, is_useless: bool) -> ExitCode:
    """The code where something is missing because of these; `is_useless`: nothing came at all."""
    errors = {failure.error for failure in failures}
    if AuthenticationError.__name__ in errors:
        return ExitCode.CONFIGURATION
    if RateLimitedError.__name__ in errors:
        return ExitCode.RATE_LIMITED
    if errors == {UnavailableError.__name__} and is_useless:
        return ExitCode.UNAVAILABLE
    return ExitCode.INCOMPLETE
