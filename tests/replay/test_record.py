"""Recording what sources answer, and replaying it exactly."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field, frozen

import leanfeed
from leanfeed import (
    AuthenticationError,
    ConfigurationError,
    ContractError,
    Delivery,
    Gap,
    RateLimitedError,
    Report,
    Secret,
    SourceError,
    UnavailableError,
    WriteError,
)
from leanfeed.recording import files
from leanfeed.recording.about import load_about
from tests import build

WINDOW: dict[str, Any] = {"start": "2024-10-31", "end": "2024-11-06"}
ASKED: dict[str, Any] = {"resolution": "minute,daily", **WINDOW}
DAYS = build.sessions("2024-10-31", "2024-11-06")


@define
class Interleaving(build.MemorySource):
    """Answers day by day for all series, as providers do that know the whole market of a day."""

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        by_day = sorted(
            (Gap(gap.series, (session,)) for gap in gaps for session in gap.sessions),
            key=lambda gap: gap.sessions[0].date,
        )
        return super().fetch(by_day)


class Second(build.MemorySource):
    """Another one, under another name."""


class Useless(build.MemorySource):
    """Supports nothing of what is asked here."""


def ensured(folder: str, *sources: object, **more: Any) -> Report:
    asked = ASKED | more
    return leanfeed.ensure(
        ["SPY", "QQQ"], data_folder=folder, sources=list(sources) or None, **asked
    )


def story(report: Report) -> dict[str, Any]:
    """A report without what takes time, or is a matter of networks."""
    told = report.to_dict()
    for name in (
        "data_folder",
        "duration_seconds",
        "http_requests",
        "http_retries",
        "bytes_fetched",
    ):
        told.pop(name)
    return told


def zips(folder: str) -> dict[str, bytes]:
    """The text of every zip."""
    found = {}
    for path in Path(folder).rglob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            found[path.relative_to(folder).as_posix()] = archive.read(archive.namelist()[0])
    return found


def texts(folder: str | Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and path.name[0] != "."
    }


def deliveries(source: Any, *series: leanfeed.Series) -> tuple[list[Delivery], SourceError | None]:
    """What a source answers for all days, and how it ends."""
    gaps = [Gap(one, DAYS) for one in series]
    found: list[Delivery] = []
    try:
        found.extend(source.fetch(gaps))
    except SourceError as error:
        return found, error
    return found, None


def replaying(folder: str, **settings: Any) -> Any:
    from leanfeed_replay.source import ReplaySource

    return ReplaySource(folder=Path(folder), **settings)


ERRORS = [
    RateLimitedError("Too many requests (429). Wait a minute."),
    AuthenticationError("The key is refused. Check LEANFEED_KEY."),
    ContractError("The answer is cut. Ask again."),
    UnavailableError("Nobody is there – “nobody”.\nTry\tlater."),
    SourceError(""),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("after", [0, 3, 9])
def test_a_source_is_replayed_exactly(error: SourceError, after: int) -> None:
    def source() -> Interleaving:
        return Interleaving(
            lacks=frozenset({"2024-11-01"}),
            empty=frozenset({"2024-11-04"}),
            error=error,
            fails_after=after,
        )

    first = ensured("data", source(), record="recording")
    again = ensured("data2", replay="recording")
    assert story(again) == story(first)
    assert zips("data2") == zips("data")
    series = [s.series for s in first.series]
    live, live_error = deliveries(source(), *series)
    replayed, replayed_error = deliveries(replaying("recording"), *series)
    assert replayed == live
    assert (type(replayed_error), str(replayed_error)) == (type(live_error), str(live_error))


def test_a_chain_is_replayed_source_by_source() -> None:
    chain = (
        Interleaving(fails_after=7, error=RateLimitedError("429. Wait.")),
        Second(lacks=frozenset({"2024-11-05"}), price=50.0),
        Useless(only=frozenset({"second"})),
        build.MemorySource(lacks=frozenset({"2024-11-05"}), only=frozenset({"daily"})),
    )
    first = ensured("data", *chain, record="recording")
    assert [failure.error for failure in first.failures] == ["RateLimitedError"]
    assert {s for line in first.series for s in line.sources.values()} == {"Interleaving", "Second"}
    assert not first.complete
    again = ensured("data2", replay="recording")
    assert story(again) == story(first)
    assert zips("data2") == zips("data")
    one_source = ensured("data3", "replay", config=configured("recording"))
    assert zips("data3") == zips("data")
    assert [failure.error for failure in one_source.failures] == ["RateLimitedError"]


def configured(folder: str) -> Path:
    Path("replay.toml").write_text(f'[source.replay]\nfolder = "{folder}"\n', "utf-8")
    return Path("replay.toml")


def test_the_caller_may_name_whose_answers_are_replayed() -> None:
    chain = (Interleaving(fails_after=7), Second(price=50.0))
    ensured("data", *chain, record="recording")
    alone = ensured("data2", "Second", replay="recording")
    assert {s for line in alone.series for s in line.sources.values()} == {"Second"}


def test_a_plugin_that_crashes_crashes_again_as_the_report_says_it() -> None:
    first = ensured("data", Interleaving(fails_after=2, error=KeyError("x")), record="recording")
    again = ensured("data2", replay="recording")
    assert story(again) == story(first)
    assert first.failures[0].message == "It raised KeyError: 'x'."


def test_what_breaks_the_contract_is_not_recorded_but_that_it_did_is() -> None:
    wrong = {(build.series("QQQ"), DAYS[1]): build.bars(DAYS[2])}
    first = ensured("data", Interleaving(given=wrong), record="recording")
    assert first.failures[0].error == "ContractError"
    assert story(ensured("data2", replay="recording")) == story(first)
    assert zips("data2") == zips("data")


def test_the_same_again_gives_the_same_bytes_but_for_the_times() -> None:
    for folder in ("one", "two"):
        ensured(f"data-{folder}", Interleaving(fails_after=9), Second(), record=folder)
    one, two = texts("one"), texts("two")
    assert one.keys() == two.keys()
    different = {name for name in one if one[name] != two[name]}
    assert different == {name for name in one if name.startswith("calls/")}
    timeless = [
        {
            name: re.sub(r"^recorded_at = .*\n", "", text, flags=re.MULTILINE)
            for name, text in t.items()
        }
        for t in (one, two)
    ]
    assert timeless[0] == timeless[1]
    before = {path: path.stat().st_mtime_ns for path in Path("one").rglob("*.csv")}
    ensured("data-three", Interleaving(fails_after=9), Second(), record="one")
    assert texts("one").keys() == one.keys()
    assert {path: path.stat().st_mtime_ns for path in Path("one").rglob("*.csv")} == before


def test_provenance() -> None:
    ensured("data", Interleaving(), record="recording", warmup=1)
    (call,) = [text for name, text in texts("recording").items() if name.startswith("calls/")]
    assert 'source = "Interleaving"\n' in call
    assert f'leanfeed = "{leanfeed.__version__}"\n' in call
    assert "SPY QQQ --resolution minute,daily --start 2024-10-31 --end 2024-11-06" in call
    assert "--warmup 1" in call
    assert re.search(r'^recorded_at = "20\d\d-\d\d-\d\dT', call, re.MULTILINE)
    assert '"equity/usa/minute/spy_trade 2024-10-31..2024-10-31 r-1"' in call


def test_it_names_only_the_sources_that_were_asked() -> None:
    ensured("data", Interleaving(), Second(), record="recording")
    assert load_about(Path("recording")).sources == ("Interleaving",)
    replayed = ensured("data2", replay="recording", end="2024-11-07")
    assert [failure.source for failure in replayed.failures] == ["Interleaving"]
    ensured("data", Interleaving(), Second(), record="recording", end="2024-11-07")
    assert load_about(Path("recording")).sources == ("Interleaving",)
    lacking = Interleaving(lacks=frozenset({"2024-11-05"}))
    ensured("data3", lacking, Second(), record="recording")
    assert load_about(Path("recording")).sources == ("Interleaving", "Second")


@frozen
class Talkative:
    """Says its key wherever it can."""

    api_key: Secret = field(repr=False)

    def supports(self, series: leanfeed.Series) -> bool:
        return True

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        key = self.api_key.reveal()
        session = gaps[0].sessions[0]
        yield Delivery(gaps[0].series, session, build.bars(session), request_id=f"r/{key}")
        raise UnavailableError(f"GET https://x/?apiKey={key} failed: “{key}”.")


def test_secrets_are_kept_nowhere() -> None:
    key = "s3cret/+ä key"
    ensured("data", Talkative(Secret(key)), record="recording")
    everything = "".join(texts("recording").values())
    assert "s3cret" not in everything
    assert "***" in everything
    assert "failed" in everything


def test_several_runs_are_merged() -> None:
    ensured("data", Interleaving(), record="recording", end="2024-11-01")
    ensured("data", Second(price=50), record="recording", start="2024-11-04")
    ensured("data", Second(price=50), record="recording", resolution="hour")
    ensured("data2", replay="recording")
    whole = ensured("data2", replay="recording", resolution="hour")
    assert whole.complete
    assert zips("data2") == zips("data")


def test_the_newest_answer_counts() -> None:
    ensured("data", Interleaving(), record="recording")
    ensured("data2", Interleaving(price=200, fails_after=8), record="recording")
    assert story(ensured("data3", replay="recording")) == story(
        ensured("data4", Interleaving(price=200, fails_after=8))
    )
    assert zips("data3") == zips("data2")
    short = {"end": "2024-11-04"}
    ensured("data5", Interleaving(price=300, fails_after=2), record="recording", **short)
    ensured("data6", Interleaving(price=300, fails_after=2), **short)
    ensured("data7", replay="recording", **short)
    assert zips("data7") == zips("data6")


def test_runs_at_the_same_time_lose_nothing_of_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slowly(path: Path) -> str | None:
        text = files.read(path)
        time.sleep(0.01)  # time for another run to write
        return text

    monkeypatch.setattr("leanfeed.recording.folder.read", slowly)

    def one(number: int) -> None:
        leanfeed.ensure(
            f"T{number % 4}",
            resolution="daily,minute",
            start=DAYS[number // 4].date,
            end=DAYS[number // 4].date,
            data_folder=f"data{number}",
            sources=[build.MemorySource(price=number + 1)],
            record="recording",
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(16)))
    report = leanfeed.ensure(
        [f"T{number}" for number in range(4)],
        resolution="daily,minute",
        start=DAYS[0].date,
        end=DAYS[3].date,
        data_folder="data",
        replay="recording",
    )
    assert report.complete
    assert report.written_sessions == 32


KILLED = """
import time
import leanfeed
from tests import build

class Slow(build.MemorySource):
    def fetch(self, gaps):
        for count, delivery in enumerate(super().fetch(gaps)):
            if count == 3:
                print("now", flush=True)
                time.sleep(60)
            yield delivery

leanfeed.ensure("SPY", resolution="minute", start="2024-10-31", end="2024-11-06",
    data_folder="data", sources=[Slow()], record="recording")
"""


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_what_it_had_heard() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "now\n"
        deadline = time.monotonic() + 20
        while len(texts("recording")) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.kill()
    report = leanfeed.ensure(
        "SPY", resolution="minute", **WINDOW, data_folder="data2", replay="recording"
    )
    assert report.written_sessions == 3
    assert report.failures[0].error == "UnavailableError"
    assert "1 more were not recorded of Slow" in report.failures[0].message


def test_a_run_that_is_broken_off_was_asked_for_what_it_answered() -> None:
    class Interrupted(build.MemorySource):
        """Is stopped by its user."""

    from threading import Event

    cancel = Event()

    def progress(event: object) -> None:
        if type(event).__name__ == "SessionStored":
            cancel.set()

    with pytest.raises(leanfeed.CancelledError):
        ensured(
            "data",
            Interrupted(),
            record="recording",
            progress=progress,
            cancel=cancel,
            start="2023-01-03",
            resolution="minute",
        )
    (call,) = [text for name, text in texts("recording").items() if name.startswith("calls/")]
    assert call.count("r-1") == call.count("_trade ") / 2 > 0
    again = ensured("data2", replay="recording", start="2023-01-03", resolution="minute")
    assert 0 < again.written_sessions < 800
    assert "not recorded" in again.failures[0].message


def test_a_disk_that_refuses_ends_the_run_and_spares_what_was_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ensured("data", Interleaving(), record="recording", end="2024-11-01")
    before = texts("recording")
    real = Path.write_text

    def full(path: Path, text: str, *more: Any, **options: Any) -> int:
        if "recording" in path.parts:
            real(path, text[: len(text) // 2], *more, **options)
            raise OSError(28, os.strerror(28))
        return real(path, text, *more, **options)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(WriteError, match=r"recording.* cannot be written: No space left"):
        ensured("data", Interleaving(), record="recording", start="2024-11-04")
    assert texts("recording") == before
    assert not list(Path("recording").rglob(".*.csv.*"))


def test_a_folder_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/letter.txt").write_text("Dear …", "utf-8")
    for folder in ("home", "home/letter.txt"):
        with pytest.raises(ConfigurationError):
            ensured("data", Interleaving(), record=folder)
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["letter.txt"]
    assert not (tmp_path / "data").exists()


def test_a_damaged_recording_is_not_added_to(tmp_path: Path) -> None:
    ensured("data", Interleaving(), record="recording")
    torn = tmp_path / "recording/equity/usa/daily/spy_trade.csv"
    torn.write_text(torn.read_text("utf-8") + "torn", "utf-8")
    with pytest.raises(WriteError, match=r"spy_trade\.csv, line \d+: the file ends within a line"):
        ensured("data2", Interleaving(), record="recording")
    (tmp_path / "recording/recording.toml").write_text("format = 99\n", "utf-8")
    with pytest.raises(ConfigurationError, match="Upgrade leanfeed"):
        ensured("data2", Interleaving(), record="recording")


def test_without_a_recording_nothing_is_replayed() -> None:
    with pytest.raises(ConfigurationError, match=r"There is no recording in nowhere"):
        ensured("data", replay="nowhere")
    ensured("data", Interleaving(), record="recording")
    with pytest.raises(ConfigurationError, match=r"nothing of polygon: it is of Interleaving"):
        ensured("data", "polygon", replay="recording")


def test_nobody_is_asked_in_a_replay() -> None:
    ensured("data", Interleaving(), record="recording", end="2024-11-01")
    asked = Interleaving()
    report = ensured("data2", asked, replay="recording")
    assert asked.asked == []
    assert report.written_sessions == 8
    assert "SPY minute 2024-11-04 and 11 more were not recorded" in report.failures[0].message


def test_what_was_there_already_is_not_recorded_but_the_recording_is_one() -> None:
    ensured("data", Interleaving())
    ensured("data", Interleaving(), record="recording")
    assert list(texts("recording")) == ["recording.toml"]
    ensured("data3", Interleaving(), record="dry", dry_run=True)
    assert not Path("dry").exists()


def test_recording_changes_nothing_about_the_run() -> None:
    def chain() -> tuple[Interleaving, Second]:
        return Interleaving(fails_after=9), Second(lacks=frozenset({"2024-11-05"}))

    recorded = ensured("data", *chain(), record="recording")
    assert story(recorded) == story(ensured("data2", *chain()))
    assert zips("data") == zips("data2")
