"""``leanfeed bench`` from end to end, with stand-ins for both providers."""

from __future__ import annotations

import datetime as dt
import getpass
import gzip
import json
import platform
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner, Result

from benchmarks.native_vs_cli import DAY, KEY, stand_ins
from leanfeed import pipeline
from leanfeed.bench import benchmark
from leanfeed.cli import cli
from leanfeed.errors import CancelledError
from tests.polygon.replies import Reply, Seen, error
from tests.polygon_server import PolygonServer

pytestmark = pytest.mark.timeout(30)

Bench = Callable[..., dict[str, Any]]
METADATA = (
    "equity/usa/factor_files",
    "equity/usa/map_files",
    "market-hours",
    "symbol-properties",
)


@pytest.fixture
def around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Both providers, and no other folder for temporary files."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    with stand_ins(tmp_path / "stand-ins") as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield environment
    assert not list((tmp_path / "tmp").iterdir())


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch, around: dict[str, str]) -> None:
    """As if those who answer were no stand-ins."""
    monkeypatch.setattr("leanfeed.bench.measuring.answers_here", lambda _: False)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["bench", *arguments], prog_name="leanfeed")


@pytest.fixture
def bench() -> Bench:
    def bench(*arguments: str) -> dict[str, Any]:
        result = run("--start", DAY.isoformat(), "--json", *arguments)
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    return bench


def answers(change: Callable[[Seen, Reply], Reply], monkeypatch: pytest.MonkeyPatch) -> None:
    """Make Polygon's stand-in misbehave."""
    honest = PolygonServer._honest
    monkeypatch.setattr(
        PolygonServer, "_honest", lambda self, seen: change(seen, honest(self, seen))
    )


@pytest.mark.usefixtures("live")
def test_both_complete_with_the_same_rows(bench: Bench) -> None:
    found = bench()
    assert found["native"]["error"] is None
    assert found["cli"]["error"] is None
    assert found["native"]["http_requests"] == 1
    assert found["native"]["cache_hits"] == 0
    assert found["rows"]["is_equal"] is True
    assert found["rows"]["equal"] == 8
    durations = [found[leg]["duration_seconds"] for leg in ("cli", "native")]
    assert found["ratio"] == pytest.approx(durations[0] / durations[1], rel=0.02, abs=0.01)
    assert found["window"] == ["2024-07-02", "2024-07-02"]
    assert found["cli"]["version"] == "1.0.230"


@pytest.mark.usefixtures("around")
def test_a_server_on_this_machine_is_a_stand_in(bench: Bench) -> None:
    found = bench("--repeats", "2")
    assert found["stand_in"] is True
    assert found["rows"]["is_equal"] is True
    assert "ratio" not in found
    assert len(found["native"]["durations_seconds"]) == len(found["cli"]["durations_seconds"]) == 2


@pytest.mark.usefixtures("live")
def test_whoever_says_stand_in_claims_nothing(bench: Bench) -> None:
    assert "ratio" not in bench("--stand-in")


@pytest.mark.usefixtures("live")
def test_rows_that_differ_forbid_a_claim(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def busier(_: Seen, reply: Reply) -> Reply:
        body = gzip.decompress(reply.body).replace(b'"v":100', b'"v":101', 1)
        return evolve(reply, body=gzip.compress(body))

    answers(busier, monkeypatch)
    found = bench()
    assert found["native"]["error"] is None
    assert found["cli"]["error"] is None
    assert found["rows"]["different"] == 1
    assert "ratio" not in found
    assert found["no_ratio_because"] == "the rows of the two are not the same"


@pytest.mark.usefixtures("live")
def test_a_lean_cli_that_is_absent_is_the_reason(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LEANFEED_LEAN_CLI_COMMAND", str(tmp_path / "nobody" / "lean"))
    found = bench("--repeats", "2")
    assert "was not found" in found["cli"]["error"]
    assert str(tmp_path) not in json.dumps(found)
    assert found["cli"]["duration_seconds"] is None
    assert found["cli"]["version"] is None
    assert len(found["native"]["durations_seconds"]) == 2
    assert found["rows"] is None
    assert found["no_ratio_because"] == "lean-cli did not complete"


@pytest.mark.usefixtures("live")
def test_a_source_that_failed_is_not_asked_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def first_refused(seen: Seen, reply: Reply) -> Reply:
        asked.append(seen.path)
        return error(401, error="Unknown API Key") if len(asked) == 1 else reply

    answers(first_refused, monkeypatch)
    found = bench("--repeats", "2")
    assert len(asked) == 1
    assert found["native"]["durations_seconds"] == []
    assert len(found["cli"]["durations_seconds"]) == 2


@pytest.mark.usefixtures("live")
def test_a_key_that_polygon_refuses_is_the_reason(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(lambda _seen, _reply: error(401, error="Unknown API Key"), monkeypatch)
    found = bench()
    assert "key" in found["native"]["error"]
    assert found["native"]["duration_seconds"] is None
    assert found["native"]["http_requests"] >= 1
    assert found["cli"]["duration_seconds"] > 0
    assert "ratio" not in found


@pytest.mark.usefixtures("live")
def test_settings_that_a_source_refuses_are_its_reason(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEANFEED_LEAN_CLI_TIMEOUT", "soon")
    found = bench()
    assert "'soon'" in found["cli"]["error"]
    assert found["native"]["error"] is None


@pytest.mark.usefixtures("live")
def test_the_lean_cli_is_not_measured_against_itself(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USE_POLYGON_NATIVE_DOWNLOADER", "false")
    found = bench()
    assert found["native"]["error"].startswith("USE_POLYGON_NATIVE_DOWNLOADER turns it off")
    assert found["native"]["durations_seconds"] == []
    assert found["cli"]["error"] is None
    assert "ratio" not in found


@pytest.mark.usefixtures("around")
def test_the_users_folder_lends_its_metadata_and_stays_as_it_is(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    for name in (*METADATA, "equity/usa/minute/spy"):
        (folder / name).mkdir(parents=True)
        (folder / name / "a.txt").write_text(name)
    seen: list[list[str]] = []
    ensure = pipeline.ensure

    def noted(**asked: Any) -> Any:
        at = asked["data_folder"]
        seen.append(sorted(str(p.relative_to(at).as_posix()) for p in at.rglob("*.txt")))
        return ensure(**asked)

    monkeypatch.setattr("leanfeed.pipeline.ensure", noted)
    before = sorted(folder.rglob("*"))
    bench("--data-folder", str(folder))
    assert seen == [[f"{name}/a.txt" for name in METADATA]] * 2
    assert sorted(folder.rglob("*")) == before


@pytest.mark.usefixtures("around")
def test_what_is_stored_says_nothing_of_who_and_where(tmp_path: Path) -> None:
    out, plot = tmp_path / "out.json", tmp_path / "out.svg"
    result = run("--start", DAY.isoformat(), "--out", str(out), "--plot", str(plot))
    assert result.exit_code == 0, result.output
    assert "nothing is claimed: stand-ins answered" in result.stdout
    found = json.loads(out.read_text())
    assert found["machine"]["cpu_count"]
    assert plot.read_text().startswith("<svg")
    for text in (out.read_text(), plot.read_text()):
        assert not any(word in text for word in (KEY, str(tmp_path), str(Path.home())))
        assert f'"{getpass.getuser()}"' not in text
        assert platform.node() not in text or len(platform.node()) < 4


@pytest.mark.usefixtures("around")
def test_the_last_settled_session_of_spy_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[dict[str, Any]] = []

    def refuse(**given: Any) -> Any:
        asked.append(given)
        raise CancelledError("Stopped.")

    monkeypatch.setattr("leanfeed.pipeline.ensure", refuse)
    sunday = dt.datetime(2024, 7, 7, 12, tzinfo=dt.UTC)
    monkeypatch.setattr("leanfeed.clock.now", lambda: sunday)
    with pytest.raises(CancelledError):
        benchmark()
    assert [str(symbol) for symbol in asked[0]["symbols"]] == ["SPY"]
    assert [str(r) for r in asked[0]["resolution"]] == ["minute"]
    assert str(asked[0]["start"]) == str(asked[0]["end"]) == "2024-07-05"


@pytest.mark.usefixtures("around")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--start", "2024-07-06"], 2, "No session from 2024-07-06 to 2024-07-06"),
        (["--start", "2024-07-02", "--resolution", "weekly"], 2, "'weekly' is not a resolution"),
        (["--repeats", "0"], 2, "--repeats"),
        (["--out", "nowhere/x.json"], 2, "There is no folder nowhere"),
        (["--config", "nowhere.toml"], 4, "nowhere.toml"),
    ],
)
def test_what_cannot_be_asked_is_said_before_anybody_is_asked(
    arguments: list[str], code: int, said: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert said in result.stderr
    assert result.stdout == ""
