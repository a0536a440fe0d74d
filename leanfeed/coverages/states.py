"""In which state a session is, and why."""

from __future__ import annotations

from enum import Enum, StrEnum

__all__ = ["Reason", "State"]


class State(StrEnum):
    """What the data folder holds of one session of one series."""

    #: Its bars are on disk.
    PRESENT = "present"
    #: A provider affirmed that there was no trading.
    NO_TRADES = "no_trades"
    #: `leanfeed ensure` would fetch it.
    MISSING = "missing"
    #: Not over and settled yet, or stored before it was.
    PROVISIONAL = "provisional"
    #: Its file cannot be read, or LEAN would misread it.
    DAMAGED = "damaged"

    @property
    def words(self) -> str:
        """The state as people read it."""
        return self.value.replace("_", " ")


class Reason(Enum):
    """Why a session is in its state: each has the state, and a sentence."""

    STORED = State.PRESENT, "leanfeed stored it."
    FOUND = State.PRESENT, "It was on disk; leanfeed did not write it."
    AFFIRMED = State.NO_TRADES, "A provider affirmed that there was no trading."
    NEVER_STORED = State.MISSING, "Nobody has given it yet."
    REMOVED = State.MISSING, "It was on disk, and its bars have been removed since."
    DOUBTED = (
        State.MISSING,
        "A provider said that there was no trading, but that is not certain: it is asked again.",
    )
    REGULAR_ONLY = (
        State.MISSING,
        "Its file holds the regular hours only, and the extended hours are asked for.",
    )
    REJECTED = State.MISSING, "It is on disk, but the planner wants it fetched again."
    UNSETTLED = State.PROVISIONAL, "It is not over, or not settled at the provider yet."
    EARLY = (
        State.PROVISIONAL,
        "It was stored before it was over and settled: the next run fetches it again.",
    )
    UNREADABLE = State.DAMAGED, "Its file cannot be read, or LEAN would misread it."

    def __init__(self, state: State, text: str) -> None:
        self.state = state
        self.text = text

    #: Ten times as fast as that of Enum: there may be a million sessions to be counted.
    __hash__ = object.__hash__
