"""``--from-lean-run``: what is asked comes from LEAN's own list instead of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from leanfeed.cli.exit_codes import ExitCode, of_report

if TYPE_CHECKING:
    from leanfeed.backtest import FillReport

__all__ = ["AskedArgument", "AskedOption", "exit_code", "fill", "lean_run_option"]

#: What LEAN's list says, and what is about files that are there.
_NOT_BESIDE = {
    "symbols": "SYMBOL",
    "resolution": "--resolution",
    "security_type": "--security-type",
    "refresh": "--refresh",
    "overwrite": "--overwrite",
}

# Eager: it decides whether the symbols are missing.
lean_run_option = click.option(
    "--from-lean-run",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    is_eager=True,
    help="Instead of SYMBOL, --resolution and --start: fetch what LEAN did not find in its last "
    "backtest, by the list in its folder of results. Hour and daily bars are fetched from the "
    "backtest's first day to its last, or as --start, --end and --warmup say.",
)


class _Asked(click.Parameter):
    """Is required, unless LEAN's list takes its place, or another spelling."""

    _others: tuple[str, ...] = ("from_lean_run",)

    def value_is_missing(self, value: Any) -> bool:
        """See :class:`click.Parameter`."""
        source_of = click.get_current_context().get_parameter_source
        is_replaced = any(source_of(name) is ParameterSource.COMMANDLINE for name in self._others)
        return not is_replaced and super().value_is_missing(value)


class AskedArgument(_Asked, click.Argument):
    """The symbols, which LEAN's list may take the place of, or --ticker."""

    _others = ("from_lean_run", "ticker")


class AskedOption(_Asked, click.Option):
    """An option that LEAN's list may take the place of."""


def fill(folder: Path, options: Mapping[str, Any], **more: Any) -> FillReport:
    """Fetch what LEAN did not find.

    Args:
        folder: the value of the option.
        options: the other options that were given.
        more: further arguments of :func:`leanfeed.backtest.fill`.
    """
    from leanfeed import backtest

    for name, spelling in _NOT_BESIDE.items():
        if name in options:
            raise click.UsageError(f"--from-lean-run says what to fetch: leave out {spelling}.")
    return backtest.fill(folder, **options, **more)


def exit_code(result: FillReport) -> ExitCode:
    """The code of the run; where it has nothing to complain of, 3 for bars that were left out."""
    code = of_report(result.report) if result.report else ExitCode.COMPLETE
    return code or (ExitCode.COMPLETE if result.complete else ExitCode.INCOMPLETE)
