"""The source that answers from a recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from leanfeed import checks
from leanfeed.errors import InvalidRequestError, SourceError, UnavailableError
from leanfeed.interfaces import setting
from leanfeed.values import Delivery, Estimate, Gap, Series, Session, TickType

if TYPE_CHECKING:
    from leanfeed.recording.calls import Call

__all__ = ["DEMO", "ReplaySource"]

#: The recording that comes along: invented securities with invented prices.
DEMO = Path(__file__).with_name("demo")


@frozen
class ReplaySource:
    """Delivers what a recording holds; the rest is left to the next source."""

    folder: Path = setting(
        default=DEMO,
        help="folder of the recording; a small synthetic one unless given: DEMO, DEMO.B, THIN",
        converter=Path,
    )
    source: str = setting(
        default="",
        help="whose answers are served, where several sources were recorded; all unless given. "
        "What was not recorded of that source is a failure then",
    )
    strict: bool = setting(
        default=False,
        help="end the run with an error, before anything is served, when it asks for what was not "
        "recorded",
        converter=checks.switch,
    )

    #: Calls of the source whose answers are wanted, read once.
    _heard: list[Sequence[Call]] = field(factory=list, init=False, repr=False, eq=False)

    def supports(self, series: Series) -> bool:
        """Every series of trades: whether it was recorded shows only when it is asked for.

        Of one source whose answers are wanted, those that the recording does not say it lacks.
        """
        if series.tick_type is not TickType.TRADE:
            return False
        return not self.source or self._has_supported(series)

    def estimate(self, gaps: Sequence[Gap]) -> Estimate:
        """No requests: nobody is asked."""
        return Estimate(requests=0, bytes=0)

    def diagnose(self) -> str | None:
        """Say why `folder` is no recording, or None. Reads its ``recording.toml`` only."""
        from leanfeed.recording.about import load_about

        try:
            load_about(self.folder)
        except SourceError as error:
            return str(error)
        return None

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        """Yield the recorded sessions, in the order in which they were delivered.

        A failure that was recorded happens again once everything else is delivered: what a source
        yielded before it failed stands, whatever the order in which it was asked.

        Raises:
            SourceError: the folder holds no recording or malformed text, or a failure was recorded
                for one of the sessions.
            InvalidRequestError: a session was not recorded, and the setting `strict` forbids to ask
                for it.
        """
        # Here: numpy is loaded when bars are read, not when sources are listed.
        from leanfeed_replay.playing import Player

        player = Player.load(self.folder, gaps, self.source)
        if self.strict and (unrecorded := player.unrecorded()):
            raise InvalidRequestError(self._complaint(unrecorded))
        yield from player.deliveries()
        if player.failure is not None:
            raise player.failure
        if self.source and player.missed:
            raise UnavailableError(self._complaint(player.missed))

    def _has_supported(self, series: Series) -> bool:
        from leanfeed.recording.calls import series_name
        from leanfeed.recording.folder import Recording

        if not self._heard:
            calls = Recording.load(self.folder).calls()
            self._heard.append([call for call in calls if call.source == self.source])
        name = series_name(series)
        for call in reversed(self._heard[0]):
            if name in call.unsupported:
                return False
            if any(line.startswith(f"{name} ") for line in call.asked):
                return True
        return True

    def _complaint(self, missed: Sequence[tuple[Series, Session]]) -> str:
        series, session = missed[0]
        more = f" and {len(missed) - 1} more were" if len(missed) > 1 else " was"
        of = f" of {self.source}" if self.source else ""
        return (
            f"{series} {session}{more} not recorded{of} in {self.folder}. Record it with "
            "`leanfeed record`."
        )
