"""Flat files come from a real S3 server, whatever happens on the way."""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from leanfeed import AuthenticationError, UnavailableError, clock
from leanfeed.errors import RateLimitedError, WriteError
from leanfeed.secret import Secret
from leanfeed.stopping import Stop, stoppable
from leanfeed_flatfiles.data_types import DataType
from leanfeed_flatfiles.downloads import Absence, Downloaded, Unavailable
from leanfeed_flatfiles.patience import Patience
from leanfeed_flatfiles.remote_files import RemoteFiles
from tests.flatfiles.servers import Bucket
from tests.flatfiles.wire import Asked, Fault, Wire

MINUTE = DataType.STOCKS_MINUTE
DAY = "2024-06-03"
KEY = f"us_stocks_sip/minute_aggs_v1/2024/06/{DAY}.csv.gz"
#: Larger than what sockets hold, so that a fault happens where it should.
BIG = random.Random(1).randbytes(3_000_000)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.fixture
def files(bucket: Bucket, tmp_path: Path) -> Callable[..., RemoteFiles]:
    """What fetches from the bucket, or through a wire to it."""

    def make(wire: Wire | None = None, **changes: Any) -> RemoteFiles:
        of_store = {name: changes.pop(name) for name in [*changes] if hasattr(bucket, name)}
        of_store |= {"stall": changes.pop("stall")} if "stall" in changes else {}
        secrets = {name: Secret(value) for name, value in of_store.items() if "access" in name}
        store = bucket.store(endpoint=(wire or bucket).url, **(of_store | secrets))
        return RemoteFiles(store, tmp_path / "cache", **{"patience": Patience(4, 0.01), **changes})

    return make


def contents(files: RemoteFiles, *days: str) -> dict[str, bytes | Absence]:
    """What each date gave, read while it is there."""
    return {
        str(found.date): found.path.read_bytes() if isinstance(found, Downloaded) else found.kind
        for found in files.download(MINUTE, map(day, days))
    }


def left(files: RemoteFiles, *endings: str) -> list[str]:
    """The scratch files of the cache folder."""
    return [path.name for path in files.folder.iterdir() if path.name.endswith(endings)]


def test_files_come_whole_and_in_order_and_are_gone_when_they_were_read(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    days = {f"2024-06-{number:02}": f"of {number}".encode() * 1000 for number in range(3, 9)}
    bucket.put_days(MINUTE, days)
    fetched = files()
    assert contents(fetched, *reversed(days)) == days
    assert left(fetched, ".part", ".whole", ".use") == []


@pytest.mark.slow
def test_a_file_is_described_as_the_bucket_has_it(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    etag = bucket.put(KEY, b"content").strip('"')
    with closing(files().download(MINUTE, [day(DAY)])) as found:
        (file,) = found
    assert isinstance(file, Downloaded)
    assert (file.key, file.etag, file.size, file.came) == (KEY, etag, 7, 7)
    assert file.identity == f"{KEY} {etag} 7"
    assert abs(clock.now() - file.last_modified) < dt.timedelta(minutes=5)


@pytest.mark.slow
def test_never_more_files_than_asked_for_lie_unread(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    days = {f"2024-06-{number:02}": b"x" * 1000 for number in range(3, 13)}
    bucket.put_days(MINUTE, days)
    with Wire(bucket.url) as wire:
        fetched = files(wire, concurrency=3)
        for count, _ in enumerate(fetched.download(MINUTE, map(day, days)), 1):
            assert len(wire.gets) <= count + 2
            assert len(left(fetched, ".whole", ".part")) <= 3


@pytest.mark.slow
def test_what_is_kept_lies_as_a_mirror_would_and_is_not_fetched_again(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    bucket.put(KEY, b"content")
    with Wire(bucket.url) as wire:
        for _ in range(2):
            fetched = files(wire, keep=True)
            assert contents(fetched, DAY) == {DAY: b"content"}
        assert (fetched.folder / KEY).read_bytes() == b"content"
        assert len(wire.gets) == 1
        assert contents(files(wire), DAY) == {DAY: b"content"}
        assert (fetched.folder / KEY).exists()
        bucket.put(KEY, b"corrected")
        assert contents(files(wire, keep=True), DAY) == {DAY: b"corrected"}
    assert (fetched.folder / KEY).read_bytes() == b"corrected"


def test_a_dropped_connection_is_gone_on_with(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    bucket.put(KEY, BIG)

    def fault(asked: Asked) -> Fault | None:
        is_late = asked.is_list or asked.first_byte > 2_000_000
        return None if is_late else Fault(after=900_000, drops=True)

    with Wire(bucket.url, fault) as wire:
        assert contents(files(wire, patience=Patience(1, 0.01)), DAY) == {DAY: BIG}
    starts = [asked.first_byte for asked in wire.gets]
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert all(asked.headers["if-match"] for asked in wire.gets)
    # What was lost on the way is less than a chunk and what stood in buffers for each drop.
    assert wire.passed < len(BIG) * 1.4


@pytest.mark.slow
def test_what_another_run_left_half_done_is_gone_on_with(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    bucket.put(KEY, BIG)
    with Wire(bucket.url, lambda a: None if a.is_list else Fault(after=10**6, drops=True)) as wire:
        fetched = files(wire, patience=Patience(0, 0))
        assert contents(fetched, DAY) == {DAY: Absence.FAILED}
        assert len(left(fetched, ".part")) == 1
        wire.fault = lambda asked: None
        wire.asked.clear()
        assert contents(files(wire), DAY) == {DAY: BIG}
        (asked,) = wire.gets
        assert asked.first_byte > 500_000


def test_a_file_that_is_replaced_on_the_way_is_begun_anew(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    bucket.put(KEY, BIG)
    new = BIG[::-1]

    def fault(asked: Asked) -> Fault | None:
        if asked.is_list or asked.first_byte or bucket_has_new:
            return None
        bucket_has_new.append(bucket.put(KEY, new))
        return Fault(after=10**6, drops=True)

    bucket_has_new: list[str] = []
    with Wire(bucket.url) as wire:
        # The first answer has begun when the object changes: the server reads on from the old one.
        wire.fault = lambda asked: (
            None if asked.is_list or len(wire.gets) > 1 else Fault(after=10**6, drops=True)
        )
        fetched = files(wire, patience=Patience(2, 0.01))
        found = fetched.download(MINUTE, [day(DAY)])
        wire.fault = fault
        (file,) = ((one.etag, one.path.read_bytes()) for one in found)  # type: ignore[union-attr]
    assert file == (bucket_has_new[0].strip('"'), new)
    assert left(fetched, ".part", ".whole") == []


@pytest.mark.slow
def test_bytes_that_are_not_what_the_checksum_says_are_not_believed(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    bucket.put(KEY, BIG)
    fetched = files()
    with Wire(bucket.url, lambda a: None if a.is_list else Fault(after=10**6, drops=True)) as wire:
        contents(files(wire, patience=Patience(0, 0)), DAY)
    (part,) = (path for path in fetched.folder.iterdir() if path.name.endswith(".part"))
    part.write_bytes(b"?" * part.stat().st_size)
    assert contents(fetched, DAY) == {DAY: BIG}


@pytest.mark.slow
def test_an_object_put_in_parts_has_an_etag_that_is_no_checksum(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    content = BIG * 2
    etag = bucket.put(KEY, content, parts=True)
    assert "-" in etag
    assert contents(files(keep=True), DAY) == {DAY: content}
    with Wire(bucket.url) as wire:
        assert contents(files(wire), DAY) == {DAY: content}
    assert wire.gets == []


@pytest.mark.slow
def test_a_server_without_ranges_is_asked_for_the_whole_again(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    bucket.put(KEY, BIG)

    def fault(asked: Asked) -> Fault | None:
        if asked.is_list:
            return None
        is_first = len(wire.gets) == 1
        return Fault(after=10**6, drops=True) if is_first else Fault(ignores_range=True)

    with Wire(bucket.url) as wire:
        wire.fault = fault
        assert contents(files(wire), DAY) == {DAY: BIG}
    assert [asked.first_byte > 0 for asked in wire.gets] == [False, True, False]


@pytest.mark.slow
def test_a_slow_link_works(bucket: Bucket, files: Callable[..., RemoteFiles]) -> None:
    content = BIG[:200_000]
    bucket.put(KEY, content)
    with Wire(bucket.url, lambda a: None if a.is_list else Fault(rate=200_000)) as wire:
        assert contents(files(wire, stall=0.8), DAY) == {DAY: content}
    assert len(wire.gets) == 1


def test_a_dead_link_is_left_and_gone_on_with(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    bucket.put(KEY, BIG)

    def fault(asked: Asked) -> Fault | None:
        return None if asked.is_list or asked.first_byte else Fault(after=10**6, stalls=30)

    with Wire(bucket.url, fault) as wire:
        assert contents(files(wire, stall=1.0), DAY) == {DAY: BIG}
    assert [asked.first_byte > 0 for asked in wire.gets] == [False, True]


@pytest.mark.slow
def test_a_link_that_stays_dead_ends(bucket: Bucket, files: Callable[..., RemoteFiles]) -> None:
    bucket.put(KEY, b"content")
    with Wire(bucket.url, lambda a: None if a.is_list else Fault(stalls=30)) as wire:
        found = [*files(wire, stall=0.3, patience=Patience(2, 0.01)).download(MINUTE, [day(DAY)])]
    assert len(wire.gets) == 3
    (failed,) = found
    assert isinstance(failed, Unavailable)
    assert "fell silent" in failed.reason


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "code"), [(503, "SlowDown"), (500, "InternalError"), (502, ""), (429, "")]
)
def test_what_may_pass_is_tried_again(
    bucket: Bucket, files: Callable[..., RemoteFiles], status: int, code: str
) -> None:
    bucket.put(KEY, b"content")
    with Wire(bucket.url) as wire:
        wire.fault = lambda asked: Fault(status=status, code=code) if len(wire.asked) % 3 else None
        assert contents(files(wire), DAY) == {DAY: b"content"}
    assert len(wire.asked) == 6


@pytest.mark.slow
def test_a_server_that_stays_busy_is_a_matter_of_its_rate(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    with (
        Wire(bucket.url, lambda asked: Fault(status=503, code="SlowDown")) as wire,
        pytest.raises(RateLimitedError, match="fewer requests"),
    ):
        contents(files(wire, patience=Patience(2, 0)), DAY)
    assert len(wire.asked) == 3


@pytest.mark.slow
def test_files_that_fail_one_after_the_other_end_it(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    bucket.put_days(MINUTE, {"2024-06-03": b"a", "2024-06-04": b"b", "2024-06-05": b"c"})
    with Wire(bucket.url, lambda a: None if a.is_list else Fault(status=500, code="X")) as wire:
        found = files(wire, concurrency=1, patience=Patience(0, 0)).download(
            MINUTE, map(day, ("2024-06-03", "2024-06-04", "2024-06-05"))
        )
        assert isinstance(next(found), Unavailable)
        with pytest.raises(UnavailableError):
            next(found)
    assert len(wire.gets) == 2


def test_a_wrong_secret_is_said_without_any_of_it(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    if bucket.kind == "moto":
        pytest.skip("moto believes any secret")
    bucket.put(KEY, b"content")
    with pytest.raises(AuthenticationError, match="SignatureDoesNotMatch") as raised:
        contents(files(secret_access_key="not-the-secret"), DAY)
    for hidden in ("not-the-secret", bucket.access_key_id, bucket.secret_access_key):
        assert hidden not in f"{raised.value!r}{raised.value.__cause__}{raised.value.__context__}"


@pytest.mark.slow
def test_an_unknown_key_id_is_said_without_it(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    if bucket.kind == "moto":
        pytest.skip("moto believes any key")
    with pytest.raises(AuthenticationError, match="POLYGON_S3_ACCESS_KEY_ID") as raised:
        contents(files(access_key_id="no:body"), DAY)
    assert "no:body" not in str(raised.value)


def test_what_the_plan_does_not_include_is_said_so_and_the_rest_comes(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    bucket.put_days(MINUTE, {DAY: b"a", "2024-06-04": b"b"})
    with Wire(bucket.url, lambda a: Fault(status=403) if DAY in a.target else None) as wire:
        first, second = files(wire).download(MINUTE, [day(DAY), day("2024-06-04")])
    assert isinstance(first, Unavailable)
    assert first.kind is Absence.FORBIDDEN
    assert "the plan of these keys does not include it (AccessDenied)" in first.reason
    assert isinstance(second, Downloaded)


@pytest.mark.slow
def test_a_list_that_is_refused_is_about_the_keys(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    with (
        Wire(bucket.url, lambda asked: Fault(status=403)) as wire,
        pytest.raises(AuthenticationError, match="list flat files"),
    ):
        contents(files(wire), DAY)


def test_a_clock_that_is_wrong_is_told_from_a_wrong_key(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    fault = Fault(status=403, code="RequestTimeTooSkewed")
    with (
        Wire(bucket.url, lambda asked: fault) as wire,
        pytest.raises(UnavailableError, match="set its clock"),
    ):
        contents(files(wire), DAY)
    assert len(wire.asked) == 1


@pytest.mark.slow
def test_nobody_is_there(files: Callable[..., RemoteFiles], bucket: Bucket) -> None:
    with Wire(bucket.url) as wire:
        pass
    with pytest.raises(UnavailableError, match="the connection was refused"):
        contents(files(wire, patience=Patience(1, 0)), DAY)


@pytest.mark.slow
def test_a_bucket_that_is_not_there(bucket: Bucket, files: Callable[..., RemoteFiles]) -> None:
    fetched = files()
    fetched.store.bucket = "nothing-here"
    with pytest.raises(UnavailableError, match="no bucket nothing-here"):
        contents(fetched, DAY)


@pytest.mark.slow
def test_pending_is_not_missing(
    bucket: Bucket, files: Callable[..., RemoteFiles], monkeypatch: pytest.MonkeyPatch
) -> None:
    def at(text: str) -> dict[str, bytes | Absence]:
        monkeypatch.setattr(clock, "now", lambda: dt.datetime.fromisoformat(text))
        return contents(files(), "2024-06-03")

    # 11:00 in New York is 15:00 UTC in June.
    assert at("2024-06-04T14:59:00+00:00") == {"2024-06-03": Absence.PENDING}
    assert at("2024-06-04T15:00:00+00:00") == {"2024-06-03": Absence.MISSING}
    bucket.put(KEY, b"early")
    assert at("2024-06-03T23:00:00+00:00") == {"2024-06-03": b"early"}


@pytest.mark.slow
def test_a_month_is_listed_once_page_by_page(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    days = {f"2024-06-{number:02}": b"x" for number in range(1, 31)}
    bucket.put_days(MINUTE, days)
    with Wire(bucket.url) as wire:
        assert contents(files(wire), *days) == days
    # The tests' Swift gives 20 keys a page.
    assert len(wire.asked) - len(wire.gets) == (2 if bucket.kind == "swift" else 1)
    assert len(wire.gets) == 30


def test_variables_for_another_server_change_nothing(
    bucket: Bucket, files: Callable[..., RemoteFiles], monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put(KEY, b"content")
    for name, value in {
        "AWS_ENDPOINT": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "AWS_SESSION_TOKEN": "another's",
        "AWS_ACCESS_KEY_ID": "another's",
        "AWS_SECRET_ACCESS_KEY": "another's",
        "AWS_SKIP_SIGNATURE": "true",
        "AWS_BUCKET": "anothers",
        "AWS_REGION": "eu-central-1",
        "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "true",
        "AWS_UNSIGNED_PAYLOAD": "true",
        "AWS_REQUEST_PAYER": "true",
    }.items():
        monkeypatch.setenv(name, value)
    with Wire(bucket.url) as wire:
        assert contents(files(wire), DAY) == {DAY: b"content"}
    assert all(
        bucket.access_key_id in asked.headers["authorization"]
        and "x-amz-security-token" not in asked.headers
        for asked in wire.asked
    )


@pytest.mark.slow
def test_a_disk_that_refuses_ends_it(
    bucket: Bucket, files: Callable[..., RemoteFiles], tmp_path: Path
) -> None:
    bucket.put(KEY, b"content")
    (tmp_path / "cache").write_text("a file where a folder belongs", encoding="utf-8")
    with pytest.raises(WriteError, match="cache_folder"):
        contents(files(), DAY)


@pytest.mark.slow
def test_what_came_and_was_not_read_is_found_by_the_next_run(
    bucket: Bucket, files: Callable[..., RemoteFiles]
) -> None:
    days = {f"2024-06-{number:02}": f"of {number}".encode() for number in range(3, 7)}
    bucket.put_days(MINUTE, days)
    with Wire(bucket.url) as wire:
        fetched = files(wire)
        found = fetched.download(MINUTE, map(day, days))
        next(found)
        while len(left(fetched, ".use")) < 4:
            time.sleep(0.02)
        found.close()
        assert left(fetched, ".use", ".part") == []
        assert len(left(fetched, ".whole")) == 3
        assert contents(files(wire), *days) == days
    assert len(wire.gets) == 5
    assert left(fetched, ".use", ".part", ".whole") == []


def test_whoever_stops_waits_for_nothing(bucket: Bucket, files: Callable[..., RemoteFiles]) -> None:
    bucket.put(KEY, BIG)
    stop = Stop()
    with Wire(bucket.url, lambda a: None if a.is_list else Fault(after=1000, stalls=30)) as wire:
        threading.Timer(0.5, stop).start()
        started = time.monotonic()
        with stoppable(stop):
            assert contents(files(wire), DAY) == {}
        assert 0.4 < time.monotonic() - started < 3
    assert len(wire.gets) == 1
