"""The contracts that plugins fulfil. A class needs the methods, not a base class.

:class:`DataSource`, :class:`GapPlanner` and :class:`LeanWriter` are what a hook may offer.
:class:`Estimating` and :class:`Diagnosing` are small extras that a source may add.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from attrs import field, frozen

from leanfeed.plans import Plan
from leanfeed.request import Request
from leanfeed.secret import Secret
from leanfeed.values import Delivery, Estimate, Gap, Series, Session, Symbol, Written

__all__ = [
    "Bulk",
    "DataSource",
    "Diagnosing",
    "Estimating",
    "Examining",
    "Finding",
    "GapPlanner",
    "Given",
    "LeanWriter",
    "Republishing",
    "Universe",
    "setting",
]


class DataSource(Protocol):
    """Asks one provider for bars."""

    def supports(self, series: Series) -> bool:
        """Could this source ever answer for the series? Without I/O."""
        ...

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        """Yield whole sessions as they become available.

        Each session at most once, oldest first within a series, and none that is not in `gaps`.
        All gaps come in one call, because real providers answer for many at a time: windows, pages,
        concurrency, retries, rate limits and the provider's spelling of symbols belong to the
        source. The chain never asks twice.

        A delivery without bars affirms that there was no trading. What is not yielded is asked of
        the next source.

        Raises:
            SourceError: the provider cannot be asked, or its answer cannot be trusted. What was
                yielded before stands.
        """
        ...


class GapPlanner(Protocol):
    """Decides what is missing."""

    def plan(self, request: Request, data_folder: Path) -> Plan:
        """Say for every series which sessions are present and which are missing.

        Reads the data folder; writes nothing and asks no provider. The folder need not exist.

        Raises:
            InvalidRequestError: the calendar does not know the window.
        """
        ...


class LeanWriter(Protocol):
    """Puts deliveries on disk."""

    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        """Store each delivery and confirm it, as deliveries arrive or later.

        A confirmed session is safe on disk. A session without bars is confirmed with 0 rows and
        leaves no file, unless sound bars of it are on disk: those stay and are confirmed. At every
        instant a file under its final name is whole. What stands where a delivery that
        ``replaces_damaged`` goes is kept aside, and the confirmation says where.

        A writer that works ahead of what it confirms looks at ``deliveries.is_idle``, which a run's
        deliveries have: while it is true the next one has to be waited for, and everything should
        be confirmed.

        Raises:
            WriteError: the disk refused. What was confirmed before stands.
        """
        ...


@runtime_checkable
class Estimating(Protocol):
    """A source that can foresee its cost."""

    def estimate(self, gaps: Sequence[Gap]) -> Estimate:
        """What fetching these gaps will cost, from the calendar alone. Without I/O."""
        ...


@runtime_checkable
class Bulk(Protocol):
    """A source that fetches a whole day of a market, whatever little of it is wanted.

    Where such a source and another one are in a chain, and both can foresee their cost, the cheaper
    one of the two is asked first, day by day; see :mod:`leanfeed.choices`.
    """

    #: True; a source that is not of this sort has no such attribute.
    is_bulk: bool

    def estimate(self, gaps: Sequence[Gap]) -> Estimate:
        """What fetching these gaps will cost: the same for one symbol of a day as for all."""
        ...


@runtime_checkable
class Universe(Protocol):
    """A source that knows which symbols there are, for requests of all of them (``*``)."""

    def universe(self, request: Request) -> Iterable[Symbol]:
        """Every symbol that was traded in the window, of the security type ``request.universe``.

        What LEAN cannot hold, or cannot tell apart, is left out and announced
        (:class:`leanfeed.events.SourceWarned`).

        Raises:
            SourceError: the provider cannot be asked.
        """
        ...


@runtime_checkable
class Diagnosing(Protocol):
    """A source that can tell, before it is asked, that it cannot work."""

    def diagnose(self) -> str | None:
        """One sentence that says what is wrong and what to do, or None. Without I/O.

        ``leanfeed sources`` shows it; :meth:`DataSource.fetch` has to raise by itself.
        """
        ...


@frozen
class Finding:
    """One thing that was looked at, for ``leanfeed doctor``."""

    #: What was looked at, in a word or two, such as ``Docker``.
    topic: str
    is_well: bool
    #: What was found; when it is not well, also what to do.
    text: str


@runtime_checkable
class Examining(Protocol):
    """A source that can look closely at what it needs: programs, logins, its provider's clock."""

    def examine(self) -> Iterable[Finding]:
        """Look at one thing after the other, in a few seconds, without starting anything heavy.

        ``leanfeed doctor`` shows it. Reads and asks, but writes nothing and downloads no bars.
        """
        ...


@frozen
class Given:
    """A session that a source gave once, and that is on disk or known to have had no trading."""

    series: Series
    session: Session
    #: That of its :class:`~leanfeed.values.Delivery`: by it a source knows its own answers.
    request_id: str


@runtime_checkable
class Republishing(Protocol):
    """A source that can tell, without fetching bars, which of its answers are out of date."""

    def changed(self, given: Iterable[Given]) -> Iterable[Given]:
        """Those of the sessions for which it would give another answer today.

        It is asked where sessions are to be refreshed that have ``changed``. What it never gave, or
        cannot tell, is left out.

        Raises:
            SourceError: the provider cannot be asked.
        """
        ...


def setting(
    *,
    default: Any,
    help: str,
    env: Sequence[str] = (),
    lean_json: str | Sequence[str] = (),
    core: str = "",
    secret: bool = False,
    converter: Any = None,
    validator: Any = None,
) -> Any:
    """Declare one setting of a source, as a field of its attrs class.

    Every setting can be given in the source's table of ``leanfeed.toml`` and as the environment
    variable ``LEANFEED_<SOURCE>_<SETTING>``.

    Args:
        default: the value when nobody says otherwise.
        help: one line for users.
        env: names of further environment variables, the first one set wins.
        lean_json: the key of ``lean.json`` that holds it; of several, the first that is set.
        core: the setting of leanfeed itself whose value it has when nobody says otherwise, such as
            ``data_folder``.
        secret: the value is a :class:`~leanfeed.Secret`, made of text unless it is one already;
            the converter is given text. It is left out of the repr.
        converter: turns the text of an environment variable into the value.
        validator: an attrs validator; raise :class:`~leanfeed.errors.ConfigurationError`.
    """
    return field(
        default=default,
        kw_only=True,
        repr=not secret,
        converter=_concealing(converter) if secret else converter,
        validator=validator,
        metadata={
            "help": help,
            "env": tuple(env),
            "lean_json": (lean_json,) if isinstance(lean_json, str) else tuple(lean_json),
            "core": core,
            "secret": secret,
        },
    )


def _concealing(converter: Callable[[Any], Any] | None) -> Callable[[object], Secret]:
    def convert(value: object) -> Secret:
        text = value.reveal() if isinstance(value, Secret) else value
        converted = converter(text) if converter else text
        if isinstance(converted, Secret):
            return converted
        return Secret("" if converted is None else str(converted))

    return convert
