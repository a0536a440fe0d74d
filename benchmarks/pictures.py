"""Results as pictures: how fast everybody was, and which stage is far from its floor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.field import FIELD
from benchmarks.findings import Heat, Results
from leanfeed.bench.drawing import bar, line, page, text

__all__ = ["pictures"]

#: Where bars begin, and how long the longest may be.
_LEFT, _TOP, _LENGTH = 260, 84, 330
#: How thick they are, how far the next one is, and how thick those of a pair are.
_THICK, _STEP, _THIN = 22, 32, 14


def pictures(facts: Mapping[str, Any]) -> dict[str, str]:
    """The text of each SVG file by its name, without an ending."""
    results = Results(facts)
    drawn = {
        _name(heat): _race(heat)
        for heat in results.heats
        if len(heat.contestants) > 1 and not (heat.facts["is_cold"] or heat.facts["is_on_disk"])
    }
    return {**drawn, "stages": _stages(facts["stages"]["minute"])}


def _name(heat: Heat) -> str:
    return f"{heat.facts['job']}-{heat.facts['latency_ms']}ms"


def _race(heat: Heat) -> str:
    bars = heat.facts["bars"] / 1000
    rates = {}
    for contestant in FIELD:
        if contestant.name in heat.contestants:
            least, middle, most = heat.times(contestant.name)
            rates[contestant.name] = (bars / most, bars / middle, bars / least)
    scale = _LENGTH / max(high for _, _, high in rates.values())
    parts = [
        text(24, 36, heat.title, kind="title"),
        text(
            24,
            60,
            "Thousand bars a second, until the files are on disk. Longer is better.",
            kind="note",
        ),
    ]
    top = _TOP
    for contestant in FIELD:
        if contestant.name not in rates:
            continue
        low, middle, high = rates[contestant.name]
        parts.append(text(24, top + _THICK / 2 + 5, contestant.title.replace("`", "")))
        parts += bar(
            _LEFT,
            top,
            thick=_THICK,
            kind="native" if contestant.is_leanfeed else "cli",
            lengths=(low * scale, middle * scale, high * scale),
            label=f"{middle:.0f}",
        )
        top += _STEP
    parts.append(line(_LEFT, _TOP - 6, _LEFT, top, kind="axis"))
    return page(parts, height=top + 24, described=heat.title)


def _stages(found: Mapping[str, Any]) -> str:
    title = f"A page of {found['bars']:,} minute bars, stage by stage"
    longest = max(stage["cpu_ms"] for stage in found["stages"])
    scale = _LENGTH / longest
    parts = [
        text(24, 36, title, kind="title"),
        text(24, 60, "The processor's milliseconds; below each the physical floor.", kind="note"),
    ]
    top = _TOP
    for stage in found["stages"]:
        parts.append(text(24, top + _THIN + 6, stage["name"]))
        for kind, key in (("native", "cpu_ms"), ("cli", "floor_cpu_ms")):
            length = stage[key] * scale
            parts += bar(
                _LEFT,
                top,
                thick=_THIN,
                kind=kind,
                lengths=(length, length, length),
                label=f"{stage[key]:.1f}",
            )
            top += _THIN + 3
        top += _THIN
    parts.append(line(_LEFT, _TOP - 6, _LEFT, top, kind="axis"))
    return page(parts, height=top + 24, described=title)
