"""What leanfeed wants to reach, beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from attrs import frozen

from benchmarks.findings import Heat, Results

__all__ = ["Target", "targets"]

#: Pages that leanfeed asks for at a time.
_IN_FLIGHT = 5
#: A peak that is no more than this many times another has not grown.
_SAME = 1.15


@frozen
class Target:
    """One line of the table."""

    what: str
    wanted: str
    measured: str
    is_met: bool

    def row(self) -> str:
        """In Markdown."""
        return f"| {self.what} | {self.wanted} | {self.measured} | {_words(self.is_met)} |"


def targets(results: Results) -> Iterator[Target]:
    """Those that the form has measured."""
    if year := results.heat("minute-year"):
        yield _ratio(year, "official", wanted=8, name="official client")
        yield _ratio(year, "pandas", wanted=6, name="requests + pandas")
    if seconds := results.heat("seconds"):
        yield _ratio(seconds, "official", wanted=6, name="official client")
    if many := results.heat("minute-years-20", latency_ms=50):
        yield _floors(many)
        few = results.heat("minute-years-5", latency_ms=50)
        yield from _memory(many, few)
        yield _second_run(many)
    rate = results.facts["stages"]["minute"]["thousand_bars_per_cpu_second"]
    yield Target(
        "conversion alone, page to zip without the disk",
        "≥ 450,000 minute bars per CPU-second",
        f"{rate * 1000:,.0f}",
        rate >= 450,
    )
    yield from _warm(results)
    yield from _start_up(results)


def _ratio(heat: Heat, other: str, *, wanted: float, name: str) -> Target:
    found = heat.ratio("leanfeed", other)
    by_cpu = heat.ratio("leanfeed", other, what="cpu")
    what = f"{heat.title}: times as fast as {name}"
    return Target(what, f"≥ {wanted:g}", f"{found:.1f} (CPU {by_cpu:.1f})", found >= wanted)


def _second_run(heat: Heat) -> Target:
    first = heat.middle("leanfeed", "wall")
    again = heat.again("leanfeed")
    return Target(
        f"{heat.title}: the second run, times as fast as the first",
        "≥ 50",
        f"{first / again:.0f} ({again * 1000:.0f} ms)",
        first / again >= 50,
    )


def _floors(heat: Heat) -> Target:
    wall, cpu = heat.middle("leanfeed", "wall"), heat.middle("leanfeed", "cpu")
    latency = heat.middle("leanfeed", "requests") * heat.facts["latency_ms"] / 1000 / _IN_FLIGHT
    ratio = wall / max(latency, cpu)
    return Target(
        f"{heat.title}: wall time, in floors (the latency of five pages at a time, or the CPU)",
        "≤ 1.25",
        f"{ratio:.2f} ({wall:.2f} s; latency {latency:.2f} s, CPU {cpu:.2f} s)",
        ratio <= 1.25,
    )


def _memory(many: Heat, few: Heat | None) -> Iterator[Target]:
    peak = max(many.values("leanfeed", "peak_mb"))
    yield Target(f"{many.title}: peak memory", "≤ 150 MB", f"{peak:.0f} MB", peak <= 150)
    if few:
        small = max(few.values("leanfeed", "peak_mb"))
        yield Target(
            f"{many.title}: peak memory against {few.facts['title']}",
            "not growing",
            f"{peak / small:.2f} times",
            peak <= small * _SAME,
        )


def _warm(results: Results) -> Iterator[Target]:
    warm = results.facts["warm_folder"]
    ensure, listing = median(warm["ensure"]), median(warm["listing"])
    what = f"`leanfeed ensure` on {warm['files']:,} files that are there"
    yield Target(f"{what}, {warm['symbols']} symbols", "≤ 0.5 s", f"{ensure:.2f} s", ensure <= 0.5)
    yield Target(
        f"{what}, against a process that lists the folders",
        "≤ 3 times",
        f"{ensure / listing:.1f} times",
        ensure <= 3 * listing,
    )


def _start_up(results: Results) -> Iterator[Target]:
    times = {name: median(seconds) for name, seconds in results.facts["start_up"].items()}
    over = (times["import"] - times["interpreter"]) * 1000
    yield Target("`import leanfeed`, over the interpreter", "≤ 40 ms", f"{over:.0f} ms", over <= 40)
    version = times["version"] * 1000
    bare = times["interpreter"] * 1000
    yield Target(
        "`leanfeed --version`, the whole process",
        "≤ 150 ms",
        f"{version:.0f} ms (interpreter {bare:.0f} ms)",
        version <= 150,
    )


def _words(is_met: bool) -> str:
    return "yes" if is_met else "**no**"
