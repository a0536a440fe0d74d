"""``leanfeed doctor``: whether everything that a run needs is there."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import click

from leanfeed.cli.command import LeanfeedCommand
from leanfeed.cli.exit_codes import ExitCode
from leanfeed.cli.request_options import json_option
from leanfeed.cli.settings_options import settings_options

if TYPE_CHECKING:
    from leanfeed.doctor import Check

__all__ = ["doctor"]

_EXAMPLE = """\b
Example:
  leanfeed doctor --sources polygon,lean-cli

\b
Exit codes:
  0    all is well, or the chain can do without it
  4    something that the chain needs is not well
"""


@click.command(cls=LeanfeedCommand, epilog=_EXAMPLE)
@settings_options
@json_option
@click.pass_context
def doctor(context: click.Context, /, *, as_json: bool, verbose: bool, **given: Any) -> None:
    """Look at everything that a run needs.

    Configuration, data folder, calendar, plugins and sources, with what to do about what is not
    well. Nothing is written, and no bars are asked for.
    """
    from leanfeed.doctor import examine

    checks = []
    out = sys.stdout
    with redirect_stdout(sys.stderr):  # what a plugin prints is not a check
        for check in examine(**given):
            checks.append(check)
            if not as_json:
                click.echo(_line(check, out.encoding), file=out)
    lacking = _lacking(checks)
    is_fatal = bool(lacking)
    if as_json:
        answer = {"is_well": not is_fatal, "checks": [check.to_dict() for check in checks]}
        click.echo(json.dumps(answer, indent=2))
    else:
        click.echo(f"not ready: {', '.join(lacking)}" if lacking else "ready")
    context.exit(ExitCode.CONFIGURATION if is_fatal else ExitCode.COMPLETE)


def _lacking(checks: Iterable[Check]) -> list[str]:
    """What a run lacks: sources by name, of leanfeed itself the topic."""
    fatal = [check for check in checks if check.is_fatal]
    return list(dict.fromkeys(c.topic if c.about == "leanfeed" else c.about for c in fatal))


def _line(check: Check, encoding: str | None) -> str:
    mark, mark_in_ascii, note = "✓", "ok", ""
    if check.is_fatal:
        mark, mark_in_ascii = "✗", "no"
    elif not check.is_well:
        mark, mark_in_ascii = "–", "-"
        note = "" if check.about == "leanfeed" else " (not needed)"
    line = f"{mark} {check.about}, {check.topic}: {check.text}{note}"
    try:
        line.encode(encoding or "ascii")
    except UnicodeEncodeError:
        line = line.replace(mark, mark_in_ascii, 1).encode("ascii", "backslashreplace").decode()
    return line
