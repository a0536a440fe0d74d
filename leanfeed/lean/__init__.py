"""LEAN's data format as pure functions: where files are, what stands in them, when markets open."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leanfeed.lean.consolidate import daily, hourly
    from leanfeed.lean.lines import format_bars, number_text, parse_bars
    from leanfeed.lean.merge import merge_rows
    from leanfeed.lean.paths import entry_name, parse_path, series_folder, zip_path
    from leanfeed.lean.reader import read_file, read_series, session_dates
    from leanfeed.lean.zips import entry_text, zip_bytes

__all__ = [
    "daily",
    "entry_name",
    "entry_text",
    "format_bars",
    "hourly",
    "merge_rows",
    "number_text",
    "parse_bars",
    "parse_path",
    "read_file",
    "read_series",
    "series_folder",
    "session_dates",
    "zip_bytes",
    "zip_path",
]

_MODULES = {
    "consolidate": ("daily", "hourly"),
    "lines": ("format_bars", "number_text", "parse_bars"),
    "merge": ("merge_rows",),
    "paths": ("entry_name", "parse_path", "series_folder", "zip_path"),
    "reader": ("read_file", "read_series", "session_dates"),
    "zips": ("entry_text", "zip_bytes"),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
