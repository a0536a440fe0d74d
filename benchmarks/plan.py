"""What the short and the full form measure."""

from __future__ import annotations

from attrs import frozen

from benchmarks.field import FAST, FIELD, FULL, OFFICIAL, PANDAS, Contestant

__all__ = ["FORMS", "Form", "Heat"]


@frozen
class Heat:
    """One job, at one latency, by some contestants."""

    contestants: tuple[Contestant, ...]
    repeats: int
    latency_ms: int = 0
    #: How often leanfeed does the same again in each lap.
    again: int = 0
    #: Whole processes without a warm-up, interpreter and imports included.
    is_cold: bool = False
    #: Files go to the disk instead of memory.
    is_on_disk: bool = False


@frozen
class Form:
    """How much is measured."""

    #: The heats of each job, by its name. All their contestants are compared before the first.
    heats: dict[str, tuple[Heat, ...]]
    #: Sessions of minutes of so many symbols are in the warm folder.
    warm_symbols: int
    #: How often whole processes are timed.
    processes: int
    #: How often stages and libraries are timed.
    stages: int
    #: Seconds for which the server's ceiling is measured, twice.
    ceiling: float


_USUAL = (FULL, FAST, OFFICIAL, PANDAS)

FORMS = {
    "short": Form(
        heats={
            "minute-year": (
                Heat(_USUAL, repeats=5, again=3),
                Heat(_USUAL, repeats=3, is_on_disk=True),
            ),
            "seconds": (Heat((FULL, OFFICIAL), repeats=1),),
        },
        warm_symbols=50,
        processes=5,
        stages=5,
        ceiling=1.0,
    ),
    "full": Form(
        heats={
            "minute-year": (
                Heat(FIELD, repeats=5, again=3),
                Heat(FIELD, repeats=1, latency_ms=50),
                Heat(FIELD, repeats=1, latency_ms=200),
                Heat(_USUAL, repeats=3, is_cold=True),
                Heat(_USUAL, repeats=3, is_on_disk=True),
            ),
            "seconds": (Heat(_USUAL, repeats=3),),
            "minute-years-5": (Heat((FULL,), repeats=1, latency_ms=50),),
            "minute-years-20": (Heat((FULL,), repeats=3, latency_ms=50, again=3),),
        },
        warm_symbols=500,
        processes=7,
        stages=7,
        ceiling=2.0,
    ),
}
