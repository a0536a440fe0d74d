"""Whatever users can name has its entry in the pages."""

from __future__ import annotations

import importlib
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import leanfeed
from leanfeed import errors, events, registry
from leanfeed.cli import COMMANDS
from leanfeed.cli.exit_codes import ExitCode, of_error

DOCS = Path(__file__).parents[2] / "docs"
#: These end a command through the report, or not at all.
_NOT_BY_ITSELF = errors.SourceError | errors.IncompleteError | errors.CancelledError
#: Modules with names of their own for users.
MODULES = ("aio", "backtest", "checks", "errors", "events", "lean", "observe")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def entries() -> frozenset[str]:
    """Every object that the built pages describe."""
    inventory = DOCS / "_build/objects.inv"
    if not inventory.exists():
        pytest.skip("the pages are not built: nox -s docs builds them and runs this")
    _head, _, packed = inventory.read_bytes().partition(b"using zlib.\n")
    lines = zlib.decompress(packed).decode().splitlines()
    return frozenset(line.split(" py:")[0] for line in lines if " py:" in line)


def public() -> Iterator[tuple[str, str]]:
    yield from (("leanfeed", name) for name in leanfeed.__all__ if name != "__version__")
    for module in MODULES:
        names = importlib.import_module(f"leanfeed.{module}").__all__
        yield from ((f"leanfeed.{module}", name) for name in names)


@pytest.mark.parametrize(("module", "name"), list(public()))
def test_a_public_name_is_described(module: str, name: str, entries: frozenset[str]) -> None:
    value = getattr(importlib.import_module(module), name)
    home = f"{getattr(value, '__module__', module)}.{getattr(value, '__qualname__', name)}"
    assert {home, f"{module}.{name}"} & entries


@pytest.mark.parametrize("hook", ["data_sources", "gap_planners", "lean_writers"])
def test_a_hook_is_described(hook: str, entries: frozenset[str]) -> None:
    assert f"leanfeed.hookspecs.leanfeed_{hook}" in entries


def test_every_error_is_in_the_table_with_the_code_it_ends_with() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (.*?) \|$", page("errors.md"), re.MULTILINE)
    assert {name for name, _ in rows} == set(errors.__all__) - {"LeanfeedError"}
    for name, code in rows:
        kind = getattr(errors, name)
        if not issubclass(kind, _NOT_BY_ITSELF):
            assert code == str(int(of_error(kind("It is so.")))), name


def test_every_event_is_described(entries: frozenset[str]) -> None:
    assert {f"leanfeed.events.{name}" for name in events.__all__} <= entries


def test_every_exit_code_is_described() -> None:
    from leanfeed.cli import exit_codes

    shown = re.findall(r"^(\d+) +\S", exit_codes.__doc__ or "", re.MULTILINE)
    assert list(map(int, shown)) == sorted(ExitCode)
    table = re.findall(r"^\| (\d+) \| \S", page("commands.md"), re.MULTILINE)
    assert table == shown


def test_every_command_is_described() -> None:
    text = page("commands.md")
    for name in COMMANDS:
        assert f"\n## `leanfeed {name}`" in text or f"\n### `leanfeed {name}`" in text


def test_every_setting_of_what_is_installed_is_in_a_table() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md"))
    found = registry.installed()
    for kind, offers in (
        ("source", found.sources),
        ("planner", found.planners),
        ("writer", found.writers),
    ):
        for name, offer in offers.items():
            if offer.distribution == "leanfeed":
                assert f"<!-- generated: settings {kind} {name} -->" in text, name
