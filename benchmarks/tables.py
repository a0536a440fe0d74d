"""Results as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.field import FIELD
from benchmarks.findings import Heat, Results
from benchmarks.targets import targets

__all__ = ["markdown"]

_RACE_COLUMNS = (
    "who",
    "seconds (least … most)",
    "thousand bars/s",
    "times the official client",
    "CPU s",
    "peak MB",
    "requests",
)
_TITLES = {contestant.name: contestant.title for contestant in FIELD}


def markdown(facts: Mapping[str, Any]) -> str:
    """Everything that was measured."""
    return "\n".join(_lines(Results(facts)))


def _lines(results: Results) -> Iterator[str]:
    facts, machine = results.facts, results.facts["machine"]
    versions = {**facts["competitors"], **machine["versions"]}
    yield (
        f"Measured on {facts['measured_at'][:10]} in the {facts['form']} form, in "
        f"{facts['seconds'] / 60:.0f} minutes: {machine['platform']}, {machine['cpu_count']} "
        f"processors, {machine['python']}, leanfeed's kernel "
        f"{'compiled' if facts['kernel'] else 'not compiled'}; "
        + ", ".join(f"{name} {number}" for name, number in sorted(versions.items()))
        + "."
    )
    yield from _headed("Targets", ["target", "wanted", "measured", "met"])
    yield from (target.row() for target in targets(results))
    for heat in results.heats:
        yield from _race(heat)
    for timespan, found in facts["stages"].items():
        yield from _stages(timespan, found)
    for task in facts["libraries"]:
        yield from _library(task)
    yield from _processes(results)
    yield from _server(facts["server"])


def _race(heat: Heat) -> Iterator[str]:
    facts = heat.facts
    yield from _headed(
        f"{heat.title[:1].upper()}{heat.title[1:]}",
        _RACE_COLUMNS,
        before=f"{facts['bars']:,} bars into {facts['files']:,} files, the same from all.",
    )
    for name in heat.contestants:
        low, middle, high = heat.times(name)
        ratio = "–"
        if "official" in heat.contestants:
            ratio = f"{heat.times('official')[1] / middle:.1f}"
        yield (
            f"| {_TITLES[name]} | {middle:.2f} ({low:.2f} … {high:.2f}) "
            f"| {facts['bars'] / middle / 1000:.0f} | {ratio} "
            f"| {heat.middle(name, 'cpu'):.2f} | {heat.middle(name, 'peak_mb'):.0f} "
            f"| {heat.middle(name, 'requests'):.0f} |"
        )


def _stages(timespan: str, found: Mapping[str, Any]) -> Iterator[str]:
    yield from _headed(
        f"Stages: a page of {timespan} bars",
        ["stage", "CPU ms", "floor", "times the floor", "the floor is"],
        before=f"{found['bars']:,} bars, {found['page_bytes']:,} bytes on the wire.",
    )
    for stage in found["stages"]:
        cpu, floor = stage["cpu_ms"], stage["floor_cpu_ms"]
        yield (
            f"| {stage['name']} | {cpu:.1f} | {floor:.1f} | {cpu / floor:.1f} "
            f"| {stage['floor_is']} |"
        )
    whole = found["conversion"]["cpu_ms"]
    parts = [stage for stage in found["stages"] if stage["name"] in _CONVERSION]
    floor = sum(stage["floor_cpu_ms"] for stage in parts)
    yield (
        f"| page to zip, without the disk | {whole:.1f} | {floor:.1f} | {whole / floor:.1f} "
        f"| the sum of the floors above |"
    )


_CONVERSION = ("inflate", "decode and check", "split", "format", "deflate")


def _library(task: Mapping[str, Any]) -> Iterator[str]:
    has_size = any(way["bytes"] for way in task["ways"])
    heads = ["library", "CPU ms", "MB/s", *(["bytes", "of zlib 6"] if has_size else [])]
    yield from _headed(f"Libraries: {task['title']}", heads)
    sizes = {way["name"]: way["bytes"] for way in task["ways"]}
    for way in task["ways"]:
        rate = task["given_bytes"] / way["cpu_ms"] / 1000
        row = f"| {way['name']} | {way['cpu_ms']:.2f} | {rate:.0f} |"
        if has_size:
            row += f" {way['bytes']:,} | {way['bytes'] / sizes['zlib, level 6']:.0%} |"
        yield row


def _processes(results: Results) -> Iterator[str]:
    warm, start = results.facts["warm_folder"], results.facts["start_up"]
    yield from _headed("Whole processes", ["what", "seconds (least … most)"])
    yield _timed("the interpreter alone", start["interpreter"])
    yield _timed("with `import leanfeed`", start["import"])
    yield _timed("`leanfeed --version`", start["version"])
    what = f"{warm['files']:,} files of {warm['symbols']} symbols"
    yield _timed(f"`leanfeed ensure`, {what}, all there", warm["ensure"])
    yield _timed(f"the same, the first time, when it opens every file of {what}", [warm["first"]])
    yield _timed("a process that lists the folders of these files", warm["listing"])
    yield _timed("the listing alone, inside that process", warm["listing_alone"])


def _timed(what: str, seconds: list[float]) -> str:
    spread = f" ({min(seconds):.3f} … {max(seconds):.3f})" if len(seconds) > 1 else ""
    return f"| {what} | {median(seconds):.3f}{spread} |"


def _server(found: Mapping[str, Any]) -> Iterator[str]:
    yield from _headed(
        "The server's own ceiling",
        ["connections", "full pages/s", "million bars/s", "its CPU ms per page"],
    )
    for connections, facts in found.items():
        yield (
            f"| {connections} | {facts['pages_per_second']:.0f} "
            f"| {facts['bars_per_second'] / 1e6:.1f} | {facts['server_cpu_ms_per_page']:.2f} |"
        )


def _headed(title: str, columns: Sequence[str], *, before: str = "") -> Iterator[str]:
    yield from ("", f"### {title}", "")
    if before:
        yield from (before, "")
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
