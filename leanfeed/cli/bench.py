"""``leanfeed bench``: how long the native source and the Lean CLI take for the same bars."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import click

from leanfeed.cli.command import LeanfeedCommand
from leanfeed.cli.completion import complete_resolutions
from leanfeed.cli.out_files import OUT_FILE, in_a_folder, store
from leanfeed.cli.request_options import config_option, json_option
from leanfeed.cli.signals import cancelled_by_signals
from leanfeed.cli.symbol_lists import symbol_list

__all__ = ["bench"]

_EXAMPLES = """\b
Examples:
  leanfeed bench
  leanfeed bench SPY --start 2024-01-02 --repeats 3 --out result.json --plot result.svg

\b
Exit codes:
  0    the report is made, also when a source did not complete: it says why
  1    something unexpected, or the disk refused
  2    the command line is wrong
  4    the configuration is wrong
  130  interrupted (143 by SIGTERM)
"""


@click.command(cls=LeanfeedCommand, epilog=_EXAMPLES)
@click.argument("symbols", nargs=-1, metavar="[SYMBOL...]", callback=symbol_list)
@click.option(
    "--resolution",
    default="minute",
    show_default=True,
    metavar="NAME",
    shell_complete=complete_resolutions,
    help="Length of a bar: daily, hour, minute or second.",
)
@click.option("--start", metavar="DATE", help="First day. [default: the last settled session]")
@click.option("--end", metavar="DATE", help="Last day, inclusive. [default: the first day]")
@click.option(
    "--repeats",
    metavar="N",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="How many times each is asked, in turns.",
)
@click.option(
    "--data-folder",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where LEAN's metadata is copied from; nothing is written there. "
    "[default: as for `leanfeed ensure`]",
)
@click.option(
    "--stand-in",
    is_flag=True,
    help="Label the report as measured against fake providers, so that no speed is claimed.",
)
@click.option(
    "--out",
    metavar="FILE",
    type=OUT_FILE,
    callback=in_a_folder,
    help="Write the report there as JSON.",
)
@click.option(
    "--plot",
    metavar="FILE",
    type=OUT_FILE,
    callback=in_a_folder,
    help="Draw the report there as SVG.",
)
@config_option
@json_option
def bench(
    *,
    symbols: tuple[str, ...] | None,
    out: Path | None,
    plot: Path | None,
    as_json: bool,
    verbose: bool,
    **asked: Any,
) -> None:
    """Measure Polygon's own API against the Lean CLI.

    Both fetch the same window, SPY's last session unless told otherwise, into temporary folders;
    the rows are compared before anything is claimed.
    """
    from leanfeed.bench import benchmark

    with (
        cancelled_by_signals() as cancel,
        redirect_stdout(sys.stderr),  # what a plugin prints is not the report
    ):
        report = benchmark(symbols or "SPY", **asked, cancel=cancel)
    click.echo(report.to_json() if as_json else report)
    if out is not None:
        store(out, report.to_json() + "\n")
    if plot is not None:
        from leanfeed.bench.plot import svg

        store(plot, svg(report))
