"""What a program says: bounded, line by line, without the key, fit to be shown."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Sequence

from attrs import define, field

from leanfeed.secret import Secret

__all__ = ["Clean", "Output", "cleaning"]

#: Makes a program's text fit for a message.
Clean = Callable[[bytes], str]

_LONGEST_LINE = 16_384
_LONGEST_SHOWN = 500
#: Lines that are told; one call that goes well has fewer than a hundred.
_MOST_TOLD = 5_000
#: Lines that are kept to find out how it went; the newest count.
_MOST_KEPT = 2_000
_LINE_END = re.compile(rb"[\r\n]+")


def cleaning(secret: Secret) -> Clean:
    """Make a function that turns a line into short text without control characters or the secret.

    A container may echo the key, forge lines of a log or colour a terminal: its text is data. The
    key is found in any letter case, percent-encoded, and with blanks or invisible characters in it.
    """
    letters = (f"(?:{re.escape(letter)}|%{ord(letter):02x})" for letter in secret.reveal())
    echo = re.compile("[^!-~]*".join(letters) or r"(?!)", re.IGNORECASE)

    def clean(line: bytes) -> str:
        text = echo.sub("***", line.decode("utf-8", "replace").strip())
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
        return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"

    return clean


@define(eq=False)
class Output:
    """Takes bytes as they come, and tells lines."""

    _clean: Clean = field(repr=False)
    _tell: Callable[[str], None]
    _kept: deque[bytes] = field(factory=lambda: deque(maxlen=_MOST_KEPT), init=False)
    _told: int = field(default=0, init=False)
    _rest: bytes = field(default=b"", init=False)
    #: The line that comes was cut: what is left of it is not told.
    _is_cut: bool = field(default=False, init=False)
    _heard_at: float = field(factory=time.monotonic, init=False)

    def feed(self, chunk: bytes) -> None:
        """Take what came, of any size, cut anywhere."""
        self._heard_at = time.monotonic()
        *lines, self._rest = _LINE_END.split(self._rest + chunk)
        for line in lines:
            self._add(line)
            self._is_cut = False
        if len(self._rest) > _LONGEST_LINE:
            self._add(self._rest)
            self._rest, self._is_cut = b"", True

    def close(self) -> None:
        """Nothing more comes."""
        self._add(self._rest)
        self._rest = b""

    def notice_silence(self, seconds: float) -> None:
        """Tell when nothing was said for so long; it counts anew from here."""
        if time.monotonic() - self._heard_at > seconds:
            self._heard_at = time.monotonic()
            self._tell(f"(nothing said for {seconds:.0f} s)")

    @property
    def lines(self) -> Sequence[str]:
        """The newest lines, cleaned, oldest first."""
        return [self._clean(line) for line in self._kept.copy()]

    def _add(self, line: bytes) -> None:
        if self._is_cut or not line.strip():
            return
        line = line[:_LONGEST_LINE]
        self._kept.append(line)
        self._told += 1
        if self._told <= _MOST_TOLD:
            self._tell(self._clean(line))
        elif self._told == _MOST_TOLD + 1:
            self._tell("(it says more than is shown)")
