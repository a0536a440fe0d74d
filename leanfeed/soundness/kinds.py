"""Everything that an audit can find, each with a stable word, its severity and what to do."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

__all__ = ["Kind", "Severity"]


class Severity(StrEnum):
    """How bad a finding is, the worst first."""

    #: LEAN cannot read it, or would read something else than what was traded.
    DAMAGED = "damaged"
    #: LEAN reads it as it stands, but it is probably not what was meant.
    SUSPICIOUS = "suspicious"
    #: Worth knowing.
    INFORMATION = "information"


_REPAIR = "Run `leanfeed repair`."
_LOOK = "Look at it; fetch it again with `leanfeed repair --strict` when it is wrong."


class Kind(StrEnum):
    """What was found; the value is the word that JSON and ``docs/audit.md`` use."""

    severity: Severity
    #: What it means, in one sentence.
    meaning: str
    advice: str

    @property
    def is_fetchable(self) -> bool:
        """Whether fetching the sessions again is the remedy."""
        return self.advice in (_REPAIR, _LOOK)

    def __new__(cls, word: str, severity: Severity, meaning: str, advice: str) -> Self:
        kind = str.__new__(cls, word)
        kind._value_ = word
        kind.severity = severity
        kind.meaning = meaning
        kind.advice = advice
        return kind

    UNREADABLE = (
        "unreadable",
        Severity.DAMAGED,
        "It is no zip, was cut or altered, is encrypted, or holds more than bars could.",
        _REPAIR,
    )
    NOT_A_FILE = (
        "not-a-file",
        Severity.DAMAGED,
        "A folder, a pipe, a device or a link to nowhere has the name of a zip.",
        _REPAIR,
    )
    REFUSED = (
        "refused",
        Severity.DAMAGED,
        "The system refuses to let it be read.",
        "Mend its permissions or its disk, and audit again.",
    )
    EMPTY = ("empty", Severity.DAMAGED, "It has no rows.", _REPAIR)
    BAD_LINE = ("bad-line", Severity.DAMAGED, "LEAN would misread a line of it.", _REPAIR)
    WRONG_ENTRY = (
        "wrong-entry",
        Severity.DAMAGED,
        "The entry of an equity is named for another symbol, day or resolution, or an entry climbs "
        "out of its folder.",
        _REPAIR,
    )
    SEVERAL_ENTRIES = (
        "several-entries",
        Severity.DAMAGED,
        "The zip of an equity has more than one entry, of which LEAN reads the first.",
        _REPAIR,
    )
    UNSORTED = (
        "unsorted",
        Severity.DAMAGED,
        "A row is older than the one before it: LEAN passes over it.",
        _REPAIR,
    )
    DUPLICATE = (
        "duplicate",
        Severity.DAMAGED,
        "Two rows have the same time: LEAN passes over the second.",
        _REPAIR,
    )
    OFF_GRID = (
        "off-grid",
        Severity.DAMAGED,
        "A bar does not start where bars of its resolution start.",
        _REPAIR,
    )
    OUTSIDE_SESSION = (
        "outside-session",
        Severity.DAMAGED,
        "A bar of an equity lies outside the hours of its session, pre-market and post-market "
        "included.",
        _REPAIR,
    )
    BAD_PRICE = (
        "bad-price",
        Severity.DAMAGED,
        "A low is above, or a high below, another price of its bar; or an equity costs nothing.",
        _REPAIR,
    )
    BAD_VOLUME = ("bad-volume", Severity.DAMAGED, "A volume or a size is negative.", _REPAIR)
    LOST_ROWS = (
        "lost-rows",
        Severity.DAMAGED,
        "It has fewer bars than leanfeed wrote.",
        _REPAIR,
    )
    NO_SESSION = (
        "no-session",
        Severity.SUSPICIOUS,
        "It has bars of a day on which the market is closed: LEAN never asks for them.",
        "Look whether the date is wrong; remove it when it is.",
    )
    MISNAMED = (
        "misnamed",
        Severity.SUSPICIOUS,
        "A zip among the bars has a name under which LEAN never looks.",
        "Rename or remove it.",
    )
    WRONG_CASE = (
        "wrong-case",
        Severity.SUSPICIOUS,
        "Its path has capital letters: where they matter, LEAN does not find it.",
        "Rename it to lower case.",
    )
    CHANGED = (
        "changed",
        Severity.SUSPICIOUS,
        "Its bars are not those that leanfeed wrote, and none is lost.",
        _LOOK,
    )
    THIN = (
        "thin",
        Severity.SUSPICIOUS,
        "A session has far fewer bars than those around it; early closes are allowed for.",
        _LOOK,
    )
    JUMP = (
        "jump",
        Severity.SUSPICIOUS,
        "The price jumps by more than 40 % from one session to the next, and LEAN's factor file "
        "does not explain it; or the factor file has a split that the prices do not show.",
        _LOOK,
    )
    CONTRADICTED = (
        "contradicted",
        Severity.SUSPICIOUS,
        "A provider said that a session had no trades, yet bars of another resolution show some.",
        _LOOK,
    )
    OUTSIDE_LINK = (
        "outside-link",
        Severity.SUSPICIOUS,
        "A symbolic link leads out of the data folder: leanfeed does not write through it.",
        "Name the folder it leads to as the data folder, or remove the link.",
    )
    ENTRY_NAME = (
        "entry-name",
        Severity.INFORMATION,
        "The entry is not named as LEAN names it; LEAN reads it all the same, but in a zip of "
        "options, where it never asks for it.",
        "Nothing needs to be done.",
    )
    LINE_ENDS = (
        "line-ends",
        Severity.INFORMATION,
        "The text has CRLF, a byte order mark or a final line end, which LEAN passes over.",
        "Nothing needs to be done.",
    )
    TOUCHED = (
        "touched",
        Severity.INFORMATION,
        "It was copied or touched since leanfeed wrote it; its bars are the same.",
        "Nothing needs to be done.",
    )
    GAP = (
        "gap",
        Severity.INFORMATION,
        "Sessions are not on disk, and nobody affirmed that they had no trades.",
        "Fetch them with `leanfeed ensure`, if the symbol was traded then.",
    )
    SPLIT = (
        "split",
        Severity.INFORMATION,
        "The price jumps as LEAN's factor file says it should.",
        "Nothing needs to be done.",
    )
    DIFFERS = (
        "differs",
        Severity.INFORMATION,
        "The session's minute and daily bars differ by more than 1 % in high or low, or by more "
        "than 25 % in volume.",
        "Compare them where it matters: providers count auctions and late trades differently.",
    )
    UNCHARTED = (
        "uncharted",
        Severity.INFORMATION,
        "No calendar knows these days: they were not compared with sessions.",
        "Put LEAN's own market hours database into the data folder.",
    )
    FOREIGN = (
        "foreign",
        Severity.INFORMATION,
        "Neither LEAN nor leanfeed keeps such a file there.",
        "Nothing needs to be done.",
    )
    LEFTOVER = (
        "leftover",
        Severity.INFORMATION,
        "A temporary file of a run that was killed, or that is going on.",
        "Remove it with `leanfeed repair --sweep`, which spares runs that are going on.",
    )
    QUARANTINE = (
        "quarantine",
        Severity.INFORMATION,
        "A file that leanfeed replaced and kept.",
        "Remove it when it is not needed.",
    )
