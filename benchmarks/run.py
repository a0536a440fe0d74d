"""Measures everything, in the short or the full form.

    python -m benchmarks.run --competitors PYTHON [--full] [--out FILE]

PYTHON has the competitors' libraries; ``nox -s bench`` makes it. The tables go to standard output,
and everything that was measured to FILE, from which :mod:`benchmarks.summary` makes the page.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from attrs import evolve

from benchmarks.ceiling import ceiling
from benchmarks.field import Stable
from benchmarks.jobs import JOBS, SPANS, Work
from benchmarks.libraries import measure_libraries
from benchmarks.market import sessions, walk
from benchmarks.places import in_memory
from benchmarks.plan import FORMS, Form, Heat
from benchmarks.processes import start_up, warm_folder
from benchmarks.provider import Provider
from benchmarks.race import Race
from benchmarks.stages import measure_stages
from benchmarks.tables import markdown
from leanfeed import clock, kernel
from leanfeed.bench.machine import machine

__all__ = ["measure"]

_COMPETITORS = ("massive", "requests", "pandas", "numpy", "urllib3")


def measure(competitors: str, form_name: str) -> dict[str, Any]:
    """Everything that the form asks for, as plain JSON values."""
    form, started = FORMS[form_name], perf_counter()
    with tempfile.TemporaryDirectory(prefix="leanfeed-bench-") as place, Provider() as provider:
        folder = Path(place)
        _say("start-up, stages, libraries")
        facts: dict[str, Any] = {
            "form": form_name,
            "machine": machine(),
            "kernel": kernel.is_there(),
            "competitors": _versions(competitors),
            "server": ceiling(provider, seconds=form.ceiling),
            "start_up": start_up(repeats=form.processes),
            "stages": {
                timespan: measure_stages(folder, timespan, repeats=form.stages)
                for timespan in ("minute", "second")
            },
            "libraries": measure_libraries(repeats=form.stages),
            "races": _races(form, provider, competitors, folder),
        }
        _say(f"a folder that has everything, {form.warm_symbols} symbols")
        with tempfile.TemporaryDirectory(dir=folder) as warm:
            facts["warm_folder"] = warm_folder(
                Path(warm), symbols=form.warm_symbols, repeats=form.processes
            )
    ended = clock.now().isoformat(timespec="seconds")
    return {"measured_at": ended, "seconds": round(perf_counter() - started), **facts}


def _races(form: Form, provider: Provider, competitors: str, folder: Path) -> list[dict[str, Any]]:
    home = folder / "home"
    home.mkdir()
    on_disk = Race(provider, Stable(competitors, home), folder, _say)
    found = []
    with tempfile.TemporaryDirectory(prefix="leanfeed-bench-", dir=in_memory()) as memory:
        quick = evolve(on_disk, folder=Path(memory))
        for name, heats in form.heats.items():
            work = JOBS[name]
            everybody = dict.fromkeys(c for heat in heats for c in heat.contestants)
            with quick.compared(work, tuple(everybody)) as reference:
                for heat in heats:
                    race = on_disk if heat.is_on_disk else quick
                    found.append(_heat(race, work, heat, reference))
    return found


def _heat(race: Race, work: Work, heat: Heat, reference: Path) -> dict[str, Any]:
    laps = race.laps(
        work,
        heat.contestants,
        reference=reference,
        repeats=heat.repeats,
        latency=heat.latency_ms / 1000,
        again=heat.again,
        is_cold=heat.is_cold,
    )
    return {
        "job": work.name,
        "title": work.title,
        "bars": _bars(work),
        "files": work.files,
        "latency_ms": heat.latency_ms,
        "is_cold": heat.is_cold,
        "is_on_disk": heat.is_on_disk,
        "laps": {name: [lap.to_dict() for lap in own] for name, own in laps.items()},
    }


def _bars(work: Work) -> int:
    span, days = SPANS[work.timespan], sessions(work.start, work.end)
    window = (days[0].extended[0], days[-1].extended[1])
    return sum(
        len(walk(ticker, work.timespan, span.start, span.end).between(*window))
        for ticker in work.tickers
    )


def _versions(python: str) -> dict[str, str]:
    code = (
        "import json,sys;from importlib.metadata import version;"
        "print(json.dumps({name: version(name) for name in sys.argv[1:]}))"
    )
    told = subprocess.check_output([python, "-c", code, *_COMPETITORS], text=True)
    versions: dict[str, str] = json.loads(told)
    return versions


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def main() -> None:
    """Measure, print, and keep."""
    parser = argparse.ArgumentParser(prog="benchmarks.run", description=__doc__.split("\n")[0])
    parser.add_argument("--competitors", required=True, metavar="PYTHON")
    parser.add_argument("--full", action="store_true", help="everything; takes about ten minutes")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the results go, as JSON")
    given = parser.parse_args()
    results = measure(given.competitors, "full" if given.full else "short")
    sys.stdout.write(markdown(results) + "\n")
    if given.out:
        given.out.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
