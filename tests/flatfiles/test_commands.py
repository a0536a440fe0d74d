"""``leanfeed flatfiles`` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from leanfeed.cli import cli
from leanfeed_flatfiles.data_types import DataType
from tests.flatfiles.market import put_days
from tests.flatfiles.servers import Bucket
from tests.flatfiles.wire import Fault, Wire

DAYS = ("2024-06-03", "2024-06-04")
Run = Callable[..., Result]


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["flatfiles", *arguments], prog_name="leanfeed")


@pytest.fixture
def run(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, with a bucket that holds two days."""
    put_days(bucket, DataType.STOCKS_MINUTE, *DAYS)
    put_days(bucket, DataType.STOCKS_DAILY, *DAYS)
    for name, value in bucket.settings().items():
        monkeypatch.setenv(f"LEANFEED_FLATFILES_{name.upper()}", str(value))
    return call


@pytest.mark.slow
def test_list(run: Run) -> None:
    window = ("--start", "2024-06-01", "--end", "2024-06-05")
    result = run("list", "stocks_minute", *window)
    assert result.exit_code == 0, result.output
    first, _, third, last = result.stdout.splitlines()
    assert first.startswith("2024-06-03")
    assert first.endswith("us_stocks_sip/minute_aggs_v1/2024/06/2024-06-03.csv.gz")
    assert third == "2024-06-05  missing: it should be there"
    assert "2 files" in last
    assert "1 missing, 0 pending; 66.6 %" in last
    values = json.loads(run("list", "STOCKS_MINUTE", *window, "--json").stdout)
    assert [file["date"] for file in values["files"]] == list(DAYS)
    assert values["missing"] == ["2024-06-05"]


def test_fetch_and_status(run: Run) -> None:
    assert "stocks_minute: nothing yet" in run("status").stdout
    window = ("--start", DAYS[0], "--end", DAYS[1])
    result = run("fetch", "stocks_minute", *window, "--symbols", "AAA,BBB", "--data-folder", "data")
    assert result.exit_code == 0, result.output
    assert "minute AAA, BBB: 2 written" in result.stdout
    shown = run("status", "stocks_minute", "--data-folder", "data")
    first, *files = shown.stdout.splitlines()
    assert first.startswith("stocks_minute: 2 files of 2024-06-03 … 2024-06-04, 0 failed;")
    assert "2 downloads, 0 errors" in first
    assert "12 bars" in first
    assert [line.split()[:2] for line in files] == [[day, "ingested:"] for day in DAYS]
    values = json.loads(run("status", "stocks_minute", "--data-folder", "data", "--json").stdout)
    assert values["statistics"]["stocks_minute"]["records"] == 12
    assert values["files"][0]["state"] == "ingested"


@pytest.mark.slow
def test_fetch_takes_all_and_says_so_in_json(run: Run) -> None:
    result = run("fetch", "stocks_daily", "--start", DAYS[0], "--end", DAYS[0], "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert [s["symbol"] for s in report["series"]] == ["AAA", "BBB"]
    again = run("fetch", "stocks_daily", "--start", DAYS[0], "--end", DAYS[0], "--again", "--json")
    assert [s["refreshed"] for s in json.loads(again.stdout)["series"]] == [[DAYS[0]], [DAYS[0]]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (Fault(status=403), 4, "list flat files"),
        (Fault(status=503, code="SlowDown"), 5, "fewer requests"),
        (Fault(status=500, code="InternalError"), 7, "fails (InternalError)"),
    ],
)
@pytest.mark.parametrize("command", ["list", "fetch"])
def test_how_it_ends(
    command: str,
    fault: Fault,
    code: int,
    words: str,
    run: Run,
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Wire(bucket.url, lambda asked: fault) as wire:
        monkeypatch.setenv("LEANFEED_FLATFILES_ENDPOINT", wire.url)
        more = ("--symbols", "AAA") if command == "fetch" else ()
        result = run(command, "stocks_minute", "--start", DAYS[0], "--end", DAYS[1], *more)
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert bucket.access_key_id not in result.output
    assert bucket.secret_access_key not in result.output


@pytest.mark.slow
def test_what_is_missing_ends_with_three(run: Run) -> None:
    result = run("fetch", "stocks_minute", "--start", "2024-06-05", "--end", "2024-06-05",
                 "--symbols", "AAA")  # fmt: skip
    assert result.exit_code == 3
    assert "the provider has no file of that day" in result.stdout


def test_a_wrong_kind_or_date_is_about_the_command_line() -> None:
    assert call("list", "stocks_tick", "--start", DAYS[0]).exit_code == 2
    assert call("list", "stocks_minute").exit_code == 2
    assert call("fetch", "stocks_minute", "--start", "2024-02-30").exit_code == 2


@pytest.mark.parametrize("command", ["", "list", "status", "fetch"])
def test_help_has_an_example(command: str) -> None:
    result = call(*filter(None, (command, "--help")))
    assert result.exit_code == 0
    assert f"leanfeed flatfiles {command}".strip() in result.stdout.partition("Example")[2]
