"""The source `flatfiles`: trade bars from files that hold a whole market for one day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from attrs import evolve, frozen

from leanfeed import checks
from leanfeed.errors import AuthenticationError, SourceError, UnavailableError
from leanfeed.interfaces import Finding, Given, setting
from leanfeed.request import Request
from leanfeed.secret import Secret
from leanfeed.values import Delivery, Estimate, Gap, SecurityType, Series, Symbol, TickType
from leanfeed_flatfiles import settings
from leanfeed_flatfiles.errands import data_type_of, errands
from leanfeed_flatfiles.settings import NAME
from leanfeed_flatfiles.tickers import is_index_root

if TYPE_CHECKING:
    from leanfeed.ledger import IngestionLog
    from leanfeed_flatfiles.downloads import Downloading
    from leanfeed_flatfiles.patience import Patience
    from leanfeed_flatfiles.store import Store

__all__ = ["NAME", "FlatFilesSource"]

#: Seconds for the server, when somebody waits for what :meth:`FlatFilesSource.examine` finds.
_PATIENCE = 5.0


@frozen
class FlatFilesSource:
    """Takes bars from Polygon's flat files: one object answers every gap of its day.

    Right for many symbols; a few are fetched with far fewer bytes by the source ``polygon``.
    """

    #: See :class:`leanfeed.Bulk`.
    is_bulk: ClassVar[bool] = True

    access_key_id: Secret = setting(
        default="",
        help="the access key id for flat files; it is not the API key",
        env=("POLYGON_S3_ACCESS_KEY_ID", "MASSIVE_S3_ACCESS_KEY_ID"),
        secret=True,
        converter=settings.key,
    )
    secret_access_key: Secret = setting(
        default="",
        help="the secret that belongs to the access key id",
        env=("POLYGON_S3_SECRET_ACCESS_KEY", "MASSIVE_S3_SECRET_ACCESS_KEY"),
        secret=True,
        converter=settings.key,
    )
    endpoint: str = setting(
        default="https://files.massive.com",
        help="scheme, host and port of the S3 server; `https://files.polygon.io` is the old one",
        env=("POLYGON_S3_ENDPOINT", "MASSIVE_S3_ENDPOINT"),
        converter=settings.endpoint,
    )
    bucket: str = setting(
        default="flatfiles", help="the bucket that holds the files", converter=settings.bucket
    )
    concurrency: int = setting(
        default=4,
        help="files that are fetched at a time, and lie on disk before they are read, at most",
        converter=checks.whole_number,
        validator=checks.between(1, 32),
    )
    keep: bool = setting(
        default=False,
        help="leave the files in the cache folder when they have been read",
        converter=checks.switch,
    )
    cache_folder: Path | None = setting(
        default=None,
        help="where files lie until they have been read; `.leanfeed/flatfiles` of the data folder "
        "unless given",
        converter=settings.folder,
    )
    local_folder: Path | None = setting(
        default=None,
        help="a folder that holds flat files already, named as in the bucket: they are read, and "
        "nobody is asked",
        converter=settings.folder,
    )
    daily: str = setting(
        default="day",
        help="daily bars of stocks: from `day` files, or made from `minutes` of regular hours",
        validator=checks.choice("day", "minutes"),
    )
    zero_volume: str = setting(
        default="skip",
        help="rows without a trade, which carry an old price on: `skip` or `keep` them",
        validator=checks.choice("skip", "keep"),
    )
    stall: float = setting(
        default=30.0,
        help="seconds without an answer, or without the next 64 kB of it, after which a connection "
        "counts as dead; the next try goes on where it ended",
        converter=checks.number,
        validator=checks.between(0.1, 600),
    )
    retries: int = setting(
        default=5,
        help="tries in a row that may bring nothing, after the first",
        converter=checks.whole_number,
        validator=checks.between(0, 20),
    )
    retry_pause: float = setting(
        default=1.0,
        help="seconds of the shortest wait between tries; it doubles each time",
        converter=checks.number,
        validator=checks.between(0, 60),
    )
    data_folder: Path | None = setting(
        default=None,
        help="the data folder that is filled",
        core="data_folder",
        converter=settings.folder,
    )

    def supports(self, series: Series) -> bool:
        """Trades of US stocks, options and indices by the minute, the hour and the day."""
        return (
            series.symbol.market == "usa"
            and series.tick_type is TickType.TRADE
            and data_type_of(series, day_from=self.daily) is not None
            and not (
                series.symbol.security_type is SecurityType.OPTION
                and is_index_root(series.symbol.ticker)
            )
        )

    def diagnose(self) -> str | None:
        """Say what is missing: the library, or the keys."""
        problem = self.problem()
        return None if problem is None else str(problem)

    def examine(self) -> Iterable[Finding]:
        """Look at the keys, and ask the server for a list with them."""
        problem = self.problem()
        yield Finding("keys", problem is None, str(problem or "given"))
        if problem is None and self.local_folder is None:
            from leanfeed_flatfiles.examination import server_found

            yield from server_found(evolve(self.store, stall=min(self.stall, _PATIENCE)))

    def estimate(self, gaps: Sequence[Gap]) -> Estimate:
        """One object for each day of each kind, however many symbols it is wanted for."""
        from leanfeed_flatfiles.sizes import expected_bytes

        if self.local_folder is not None:
            return Estimate(requests=0, bytes=0)
        kinds = errands(filter(self._is_supported, gaps), day_from=self.daily)
        return Estimate(
            requests=sum(len(errand.dates) for errand in kinds),
            bytes=sum(expected_bytes(errand.data_type, errand.dates) for errand in kinds),
        )

    def universe(self, request: Request) -> Sequence[Symbol]:
        """Every symbol in the daily files of the window."""
        if problem := self.problem():
            raise problem
        from leanfeed_flatfiles.universe import universe
        from leanfeed_flatfiles.window import trading_days

        kind = request.universe or SecurityType.EQUITY
        days = trading_days(request, kind, self.data_folder)
        return universe(kind, days, self.downloads, source=NAME)

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        """Yield sessions day by day, as the file of each comes.

        A file that is not there, or cannot be trusted, costs its own sessions only: the others are
        delivered before one error for all is raised.
        """
        if problem := self.problem():
            raise problem
        from leanfeed_flatfiles.deliveries import Reading, deliveries
        from leanfeed_flatfiles.failures import summary
        from leanfeed_flatfiles.noting import Noting

        failures: list[SourceError] = []
        reading = Reading(NAME, keeps_zero_volume=self.zero_volume == "keep")
        noting = Noting(self.downloads, self.log, failures)
        for errand in errands(filter(self._is_supported, gaps), day_from=self.daily):
            yield from noting.counted(deliveries(errand, noting, reading, failures))
        if failures:
            raise summary(failures)

    def changed(self, given: Iterable[Given]) -> Iterable[Given]:
        """Sessions whose file was replaced since: the bucket is asked for a list of each month."""
        if problem := self.problem():
            raise problem
        from leanfeed_flatfiles.listing import Listing
        from leanfeed_flatfiles.loops import result_of
        from leanfeed_flatfiles.versions import outdated

        if self.local_folder is not None:
            return []
        return result_of(outdated(given, Listing(self.store, self.patience)))

    def _is_supported(self, gap: Gap) -> bool:
        return self.supports(gap.series)

    @property
    def store(self) -> Store:
        """The bucket, with the keys of these settings."""
        from leanfeed_flatfiles.store import Store

        return Store(
            endpoint=self.endpoint,
            bucket=self.bucket,
            access_key_id=self.access_key_id,
            secret_access_key=self.secret_access_key,
            stall=self.stall,
        )

    @property
    def patience(self) -> Patience:
        """How often a failure that may pass is met with another try."""
        from leanfeed_flatfiles.patience import Patience

        return Patience(self.retries, self.retry_pause)

    @property
    def downloads(self) -> Downloading:
        """What brings files to this machine, as these settings say."""
        if self.local_folder is not None:
            from leanfeed_flatfiles.local_files import LocalFiles

            return LocalFiles(self.local_folder)
        from leanfeed_flatfiles.remote_files import RemoteFiles

        return RemoteFiles(
            store=self.store,
            folder=self.scratch_folder,
            concurrency=self.concurrency,
            keep=self.keep,
            patience=self.patience,
        )

    @property
    def scratch_folder(self) -> Path:
        """Where files lie until they have been read."""
        from leanfeed.ledger import FOLDER

        if self.cache_folder is not None:
            return self.cache_folder
        if self.data_folder is not None:
            return self.data_folder / FOLDER / NAME
        return settings.user_cache() / NAME

    @property
    def log(self) -> IngestionLog | None:
        """Where the ledger of the data folder keeps what came of each file."""
        from leanfeed.ledger import IngestionLog

        return IngestionLog(self.data_folder, NAME) if self.data_folder is not None else None

    def problem(self) -> SourceError | None:
        """Why it cannot work, as far as that shows without asking anybody."""
        if self.local_folder is not None:
            return None
        if find_spec("obstore") is None:
            return UnavailableError(
                'Flat files need the library obstore: pip install "leanfeed[flatfiles]".'
            )
        if not self.access_key_id or not self.secret_access_key:
            return AuthenticationError(
                "Flat files want keys of their own: set POLYGON_S3_ACCESS_KEY_ID and "
                "POLYGON_S3_SECRET_ACCESS_KEY, which the dashboard of Massive shows."
            )
        return None
