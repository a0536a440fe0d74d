"""The source that answers from a recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

from leanfeed.errors import SourceError
from leanfeed.interfaces import setting
from leanfeed.values import Delivery, Estimate, Gap, Series, TickType

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

    def supports(self, series: Series) -> bool:
        """Every series of trades: whether it was recorded shows only when it is asked for."""
        return series.tick_type is TickType.TRADE

    def estimate(self, gaps: Sequence[Gap]) -> Estimate:
        """No requests: nobody is asked."""
        return Estimate(requests=0, bytes=0)

    def diagnose(self) -> str | None:
        """Say why `folder` is no recording, or None. Reads its ``recording.toml`` only."""
        from leanfeed_replay.recording import Recording

        try:
            Recording.load(self.folder)
        except SourceError as error:
            return str(error)
        return None

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        """Yield the recorded sessions, series by series, oldest first.

        A failure that was recorded happens again once everything else is delivered: what a source
        yielded before it failed stands, whatever the order in which it was asked.

        Raises:
            SourceError: the folder holds no recording or malformed text, or a failure was recorded
                for one of the sessions.
        """
        # Here and above: numpy is loaded when bars are read, not when sources are listed.
        from leanfeed_replay.recording import Recording

        recording = Recording.load(self.folder)
        failure: SourceError | None = None
        for gap in gaps:
            sessions = {session.date: session for session in gap.sessions}
            for recorded in recording.read(gap.series, sessions):
                head = recorded.head
                failure = failure or recorded.failure
                if recorded.failure is None:
                    session = sessions[head.session]
                    yield Delivery(gap.series, session, recorded.bars, head.request_id)
        if failure is not None:
            raise failure
