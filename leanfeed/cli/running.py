"""What commands that fetch have in common: progress, signals, the report and its exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stdout
from typing import TYPE_CHECKING, Any, TypeVar

import click

from leanfeed.cli.request_options import json_option
from leanfeed.cli.signals import cancelled_by_signals

if TYPE_CHECKING:
    from leanfeed.events import Listener
    from leanfeed.report import Report

__all__ = ["output_options", "running", "tell_failures", "tell_surroundings"]

Decorated = TypeVar("Decorated", bound=Callable[..., object])

_OUTPUT = (
    json_option,
    click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        help="Log the run to standard error, as text or as one JSON object a line. With -v also "
        "every request and session.",
    ),
    click.option(
        "-q", "--quiet", is_flag=True, help="Print no progress and no report, only errors."
    ),
)


def output_options(command: Decorated) -> Decorated:
    """Give a command what says how much it prints, and how."""
    for decorate in reversed(_OUTPUT):
        command = decorate(command)
    return command


def tell_surroundings(request: Mapping[str, Any]) -> None:
    """Say on standard error which workspace was found; outside of one to people only."""
    from leanfeed.errors import ConfigurationError
    from leanfeed.workspace import surroundings

    asked = {name: request.get(name) for name in ("config", "data_folder", "sources")}
    try:
        is_workspace, line = surroundings(**asked)
    except ConfigurationError:
        return  # the command itself says what is wrong
    if is_workspace or (asked["data_folder"] is None and _is_for_people()):
        click.echo(line, err=True)


def _is_for_people() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def running(*, is_shown: bool, as_json: bool = False) -> Iterator[dict[str, Any]]:
    """The keywords with which a run shows its progress and hears of Ctrl-C.

    Args:
        is_shown: nothing else goes to standard error.
        as_json: a run that is stopped gives its report as well.
    """
    with (
        cancelled_by_signals(as_json=as_json) as cancel,
        _listener(is_shown=is_shown) as progress,
        redirect_stdout(sys.stderr),  # what a plugin prints is not the report
    ):
        yield {"progress": progress, "cancel": cancel}


def _listener(*, is_shown: bool) -> AbstractContextManager[Listener | None]:
    """Bars on a terminal, lines elsewhere; nothing where it would be in the way."""
    if not is_shown or sys.stderr is None:
        return nullcontext()
    if _is_for_people() and os.environ.get("TERM") != "dumb":
        from leanfeed.cli.progress import LiveProgress

        return LiveProgress()
    from leanfeed.cli.progress_lines import ProgressLines

    return nullcontext(ProgressLines())


def tell_failures(report: Report, *, is_shown: bool) -> None:
    """Put on standard error why sessions are missing, or which source was of no use.

    Not where the report on the same terminal has said it.
    """
    if report.complete and not is_shown:
        return
    if is_shown and sys.stdout.isatty() and sys.stderr.isatty():
        return
    kind = "Warning" if report.complete else "Error"
    for failure in report.failures:
        click.echo(f"{kind}: {failure.source}: {failure.message}", err=True)
    if not report.complete and not report.failures:
        from leanfeed.report_text import verdict

        click.echo(f"Error: {verdict(report)}: the report says why.", err=True)
