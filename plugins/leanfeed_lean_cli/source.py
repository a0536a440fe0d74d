"""The source `lean-cli`: equity trade bars that QuantConnect's Lean CLI downloads from Polygon."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from leanfeed import checks, events
from leanfeed.errors import AuthenticationError, SourceError, UnavailableError
from leanfeed.interfaces import Finding, setting
from leanfeed.secret import Secret
from leanfeed.stopping import on_stop
from leanfeed.values import Delivery, Gap, SecurityType, Series, TickType
from leanfeed_lean_cli import settings

if TYPE_CHECKING:
    from leanfeed_lean_cli.calls import LeanCli

__all__ = ["NAME", "LeanCliSource"]

#: What `sources = [...]` calls it.
NAME = "lean-cli"

#: Seconds for `lean --version`, when somebody waits for what :meth:`LeanCliSource.examine` finds.
_PATIENCE = 8.0

#: What to do about a setting that is missing.
_ADVICE = {
    "organization": "set organization-id in lean.json, or `organization` in [source.lean-cli]",
    "Polygon key": "set POLYGON_API_KEY, or polygon-api-key in lean.json",
}


@frozen
class LeanCliSource:
    """Runs ``lean data download`` in a private folder and takes from there what can be trusted.

    It needs the Lean CLI, Docker with LEAN's image, a QuantConnect login with the Polygon module,
    and the Polygon key: a fallback for what the source ``polygon`` does with the key alone.
    """

    command: str = setting(default="lean", help="name or path of the Lean CLI")
    api_key: Secret = setting(
        default="",
        help="the Polygon API key",
        env=("POLYGON_API_KEY", "MASSIVE_API_KEY"),
        lean_json="polygon-api-key",
        secret=True,
        converter=settings.key,
    )
    license_type: str = setting(
        default="Individual",
        help="the kind of Polygon licence: `Individual` or `Business`",
        lean_json="polygon-license-type",
        converter=settings.license_type,
    )
    organization: str = setting(
        default="",
        help="id of the QuantConnect organization that has the Polygon module",
        lean_json=("job-organization-id", "organization-id"),
        converter=settings.identifier,
    )
    image: str = setting(
        default="",
        help="LEAN's Docker image; the one that the Lean CLI is configured for unless given",
        converter=settings.identifier,
    )
    timeout: float = setting(
        default=1800.0,
        help="seconds that one call of the Lean CLI may take",
        converter=checks.number,
        validator=checks.between(0.1, 21_600),
    )
    batch: int = setting(
        default=20,
        help="tickers that share a call of the Lean CLI, at most",
        converter=checks.whole_number,
        validator=checks.between(1, 500),
    )
    staging_folder: Path | None = setting(
        default=None,
        help="where private folders are made, which Docker must share; else the system's temporary",
        converter=settings.folder,
    )
    data_folder: Path | None = setting(
        default=None,
        help="has LEAN's `market-hours` and `symbol-properties`; else the Lean CLI downloads them",
        core="data_folder",
        converter=settings.folder,
    )

    def supports(self, series: Series) -> bool:
        """US equity trades; not names that mean something by case, which the CLI folds."""
        symbol = series.symbol
        return (
            symbol.security_type is SecurityType.EQUITY
            and symbol.market == "usa"
            and series.tick_type is TickType.TRADE
            and symbol.ticker == symbol.ticker.upper()
        )

    def diagnose(self) -> str | None:
        """Say what is missing: the program, the organization or the key."""
        problem = self._problem()
        return None if problem is None else str(problem)

    def examine(self) -> Iterable[Finding]:
        """Look at the program, Docker, the login, the organization and the key."""
        from leanfeed_lean_cli import examining
        from leanfeed_lean_cli.calls import INSTALL, located

        path = located(self.command)
        if path is None:
            yield Finding("lean", False, f"{self.command} was not found. {INSTALL}")
        else:
            try:
                version = self._cli(path).version(deadline=_PATIENCE)
                yield Finding("lean", True, f"version {version} at {path}")
            except SourceError as error:
                yield Finding("lean", False, str(error))
        yield examining.docker()
        yield examining.login()
        for topic, value in (("organization", self.organization), ("Polygon key", self.api_key)):
            yield Finding(topic, bool(value), "is set" if value else _ADVICE[topic])

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        """Yield sessions call by call, ticker by ticker.

        A bad ticker or a bad file costs its own sessions only: the others are delivered before one
        error for all is raised. A ticker without any file is such an error, never a time without
        trades.
        """
        from leanfeed_lean_cli.box import sweep
        from leanfeed_lean_cli.calls import INSTALL, located
        from leanfeed_lean_cli.downloads import Downloads, summary
        from leanfeed_lean_cli.jobs import jobs

        if problem := self._problem():
            raise problem
        path = located(self.command)
        if path is None:
            raise UnavailableError(f"{self.command} was not found. {INSTALL}")
        sweep(self.staging_folder, _tell)
        cli = self._cli(path)
        cli.version()
        stopped = threading.Event()
        downloads = Downloads(cli, stopped.is_set)
        wanted = [gap for gap in gaps if self.supports(gap.series)]
        try:
            with on_stop(stopped.set):
                for job in jobs(wanted, batch=self.batch):
                    yield from downloads.deliveries(job)
        except SourceError as error:
            raise summary([error, *downloads.failures]) from None
        if downloads.failures:
            raise summary(downloads.failures)

    def _problem(self) -> SourceError | None:
        """Why it cannot work, as far as that shows without starting anything."""
        from leanfeed_lean_cli.calls import INSTALL, located

        if located(self.command) is None:
            return UnavailableError(f"The Lean CLI, {self.command}, was not found. {INSTALL}")
        if not self.organization:
            return UnavailableError(
                f"The Lean CLI wants an organization: {_ADVICE['organization']}."
            )
        if not self.api_key:
            return AuthenticationError(f"Polygon wants an API key: {_ADVICE['Polygon key']}.")
        return None

    def _cli(self, path: str) -> LeanCli:
        from leanfeed_lean_cli.calls import LeanCli

        return LeanCli(
            path=path,
            key=self.api_key,
            license_type=self.license_type,
            organization=self.organization,
            image=self.image,
            timeout=self.timeout,
            data_folder=self.data_folder,
            parent=self.staging_folder,
            tell=_tell,
        )


def _tell(line: str) -> None:
    events.announce(events.SourceSaid(NAME, line))
