"""Functions timed in turns, by the processor's seconds and by the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter, process_time

from attrs import frozen

__all__ = ["Times", "in_turns"]


@frozen
class Times:
    """Of one function; milliseconds."""

    cpu: tuple[float, ...]
    wall: tuple[float, ...]

    @property
    def cpu_median(self) -> float:
        """Half of all runs took no more of the processor."""
        return median(self.cpu)

    @property
    def wall_median(self) -> float:
        """Half of all runs took no longer."""
        return median(self.wall)


def in_turns(ways: Mapping[str, Callable[[], object]], *, repeats: int) -> dict[str, Times]:
    """Time each once untimed, then `repeats` times in turns: what disturbs one disturbs all."""
    for way in ways.values():
        way()
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            cpu, wall = process_time(), perf_counter()
            way()
            taken[name].append((process_time() - cpu, perf_counter() - wall))
    return {
        name: Times(tuple(cpu * 1000 for cpu, _ in pairs), tuple(wall * 1000 for _, wall in pairs))
        for name, pairs in taken.items()
    }
