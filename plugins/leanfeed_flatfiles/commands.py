"""``leanfeed flatfiles``: the files that there are, what was taken of them, and more of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from leanfeed.cli.command import LeanfeedCommand
from leanfeed.cli.exit_codes import of_report
from leanfeed.cli.request_options import config_option, json_option
from leanfeed.cli.running import output_options, running, tell_failures, tell_surroundings
from leanfeed.cli.symbol_lists import symbol_list

if TYPE_CHECKING:
    from leanfeed_flatfiles.catalog import FlatFileCoverage
    from leanfeed_flatfiles.data_types import DataType
    from leanfeed_flatfiles.ingestion import IngestionStatistics, IngestionStatus

__all__ = ["flatfiles"]

Decorated = TypeVar("Decorated", bound=Callable[..., object])

_EXAMPLE = """\b
Example:
  leanfeed flatfiles list stocks_minute --start 2024-06-03
"""

_LIST_EXAMPLE = """\b
Example:
  leanfeed flatfiles list stocks_minute --start 2024-06-03 --end 2024-06-28 --json

\b
Exit codes:
  0    the list is shown, whatever is missing
  1    something unexpected
  2    the command line is wrong
  4    the configuration or a key is wrong
  5    the server asks for fewer requests
  7    the server could not be reached
"""

_STATUS_EXAMPLE = """\b
Example:
  leanfeed flatfiles status stocks_minute

\b
Exit codes:
  0    it is shown, whatever has failed
  2    the command line is wrong
  4    the configuration is wrong
"""

_FETCH_EXAMPLE = """\b
Examples:
  leanfeed flatfiles fetch stocks_minute --start 2024-06-03 --end 2024-06-07
  leanfeed flatfiles fetch stocks_daily --start 2024-01-02 --symbols @universe.txt

\b
Exit codes:
  0    everything is there
  1    something unexpected, or the disk refused
  2    the command line is wrong
  3    some sessions are still missing
  4    the configuration or a key is wrong
  5    a rate limit ended the run
  7    the server could not be reached
  130  interrupted (143 by SIGTERM); what was written stays
"""


class _Kind(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions only
    """A kind of file; what they are is looked up late, because help lists this command often."""

    name = "data type"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> DataType:
        """See :class:`click.ParamType`."""
        from leanfeed.errors import InvalidRequestError
        from leanfeed_flatfiles.data_types import DataType

        try:
            return DataType.parse(value)
        except InvalidRequestError as error:
            self.fail(str(error), param, ctx)


_data_type = click.argument("data_type", metavar="DATA_TYPE", type=_Kind())
_WINDOW = (
    click.option(
        "--start", required=True, metavar="DATE", help="First day, as 2024-01-02 or 20240102."
    ),
    click.option("--end", metavar="DATE", help="Last day, inclusive. [default: the newest]"),
)
_FOLDER = (
    click.option(
        "--data-folder",
        metavar="FOLDER",
        type=click.Path(file_okay=False, path_type=Path),
        help="LEAN's data folder. [default: as for `leanfeed ensure`]",
    ),
    config_option,
)


def _with(*options: Callable[[Any], Any]) -> Callable[[Decorated], Decorated]:
    def decorate(command: Decorated) -> Decorated:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.group(epilog=_EXAMPLE)
def flatfiles() -> None:
    """List and fetch files that hold a market for a day.

    DATA_TYPE is stocks_daily, stocks_minute, options_daily, options_minute, indices_daily or
    indices_minute.
    """


@flatfiles.command(name="list", cls=LeanfeedCommand, epilog=_LIST_EXAMPLE)
@_data_type
@_with(*_WINDOW, *_FOLDER)
@json_option
def list_files(
    *,
    data_type: DataType,
    start: str,
    end: str | None,
    data_folder: Path | None,
    config: Path | None,
    as_json: bool,
    verbose: bool,
) -> None:
    """List the files in the bucket, and those that are not there.

    Files that the plan of the keys does not include are listed as well: the server tells only when
    one is fetched.
    """
    from leanfeed_flatfiles.catalog import FlatFileCatalog

    catalog = FlatFileCatalog(data_folder=data_folder, config=config)
    found = catalog.coverage(data_type, start, end)
    click.echo(json.dumps(found.to_dict(), indent=2) if as_json else _listed(found))


@flatfiles.command(cls=LeanfeedCommand, epilog=_STATUS_EXAMPLE)
@click.argument("data_type", metavar="[DATA_TYPE]", required=False, type=_Kind())
@_with(*_FOLDER)
@json_option
def status(
    *,
    data_type: DataType | None,
    data_folder: Path | None,
    config: Path | None,
    as_json: bool,
    verbose: bool,
) -> None:
    """Show what was taken of files, by the ledger.

    Nobody is asked. With a DATA_TYPE each file has a line, else each kind.
    """
    from leanfeed_flatfiles.data_types import DataType
    from leanfeed_flatfiles.ingestion import get_statistics, statuses

    kinds = [*DataType] if data_type is None else [data_type]
    where: dict[str, Any] = {"data_folder": data_folder, "config": config}
    statistics = {kind: get_statistics(kind, **where) for kind in kinds}
    files = [] if data_type is None else [*statuses(data_type, **where)]
    if as_json:
        shown = {kind.value: found.to_dict() for kind, found in statistics.items()}
        values = {"statistics": shown, "files": [file.to_dict() for file in files]}
        click.echo(json.dumps(values, indent=2))
        return
    for kind, found in statistics.items():
        click.echo(_summed(kind, found))
    for file in files:
        click.echo(_told(file))


@flatfiles.command(cls=LeanfeedCommand, epilog=_FETCH_EXAMPLE)
@_data_type
@_with(*_WINDOW)
@click.option(
    "--symbols",
    multiple=True,
    callback=symbol_list,
    metavar="SYMBOLS",
    help="Those to be taken, with commas, @FILE for a list in a file, or '*' for all that the "
    "files hold. [default: *]",
)
@click.option(
    "--again", is_flag=True, help="Take everything again, also what is there and has not changed."
)
@_with(*_FOLDER)
@output_options
@click.pass_context
def fetch(
    context: click.Context,
    /,
    *,
    data_type: DataType,
    start: str,
    end: str | None,
    symbols: tuple[str, ...] | None,
    again: bool,
    data_folder: Path | None,
    config: Path | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    log_format: str | None,
) -> None:
    """Take files into the data folder, as `leanfeed ensure` does.

    What is there, and was made from the file as it is now, is left alone.
    """
    from leanfeed_flatfiles.ingestion import ingest_date_range

    if not (as_json or quiet):
        tell_surroundings({"config": config, "data_folder": data_folder, "sources": "flatfiles"})
    is_shown = not (quiet or verbose or log_format)
    with running(is_shown=is_shown, as_json=as_json) as how:
        report = ingest_date_range(
            data_type,
            start,
            end,
            symbols=symbols or "*",
            incremental=not again,
            data_folder=data_folder,
            config=config,
            **how,
        )
    if as_json:
        click.echo(report.to_json())
    elif not quiet:
        click.echo(report)
    tell_failures(report, is_shown=not (as_json or quiet))
    context.exit(of_report(report))


def _listed(found: FlatFileCoverage) -> str:
    from leanfeed.wording import counted, percent, size

    start, end = found.window
    lines = [
        f"{day}  {size(remote.size):>9}  {remote.last_modified:%Y-%m-%d %H:%M} UTC  {remote.key}"
        for day, remote in found.published.items()
    ]
    lines += [f"{day}  missing: it should be there" for day in found.missing]
    lines += [f"{day}  pending: not published yet" for day in found.pending]
    return "\n".join(
        (
            *sorted(lines),
            f"{found.data_type} {start} … {end}: {counted(len(found.published), 'file')}, "
            f"{size(found.bytes)}; {len(found.missing)} missing, {len(found.pending)} pending; "
            f"{percent(100 * found.share)} of what should be there",
        )
    )


def _summed(kind: DataType, found: IngestionStatistics) -> str:
    from leanfeed.wording import counted, duration, size

    if not found.ingested and not found.failed:
        return f"{kind}: nothing yet"
    window = f" of {found.first} … {found.last}" if found.ingested else ""
    return (
        f"{kind}: {counted(found.ingested, 'file')}{window}, {found.failed} failed; "
        f"{counted(found.downloads, 'download')}, {counted(found.errors, 'error')}, "
        f"{size(found.bytes)} fetched, {counted(found.records, 'bar')} in "
        f"{duration(found.seconds)}"
    )


def _told(status: IngestionStatus) -> str:
    from leanfeed.wording import counted, size

    file = status.file
    what = file.error or f"{size(file.size)}, {counted(file.records, 'bar')}, ETag {file.etag}"
    return f"  {status.date}  {status.state}: {what}"
